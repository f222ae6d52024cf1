package api

import (
	"context"

	"pazpaz/internal/store"
)

// Practitioner is a member of the practice who treats clients.
type Practitioner struct {
	ID       string `json:"id" format:"uuid"`
	FullName string `json:"full_name"`
	Role     string `json:"role" enum:"owner,practitioner"`
	Active   bool   `json:"is_active" doc:"False: has left, and cannot be booked."`
}

type practitionersOut struct{ Body []Practitioner }

func (a *API) listPractitioners(ctx context.Context, sc store.Scope, _ *none) (*practitionersOut, error) {
	all, err := a.o.Practice.ListPractitioners(ctx, sc)
	out := make([]Practitioner, len(all))
	for i, u := range all {
		out[i] = Practitioner{u.ID.String(), string(u.FullName), u.Role.String(), u.Active}
	}
	return &practitionersOut{out}, err
}
