package store

import (
	"slices"
	"strings"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// DuplicateFinder knows the clients of a workspace and those it has seen, for
// judging many at once: each look costs a few map lookups.
type DuplicateFinder struct {
	phones, emails, births map[string]bool
}

// DuplicateFinder returns a finder that knows all clients there are now.
func (tx *ReadTx) DuplicateFinder() (*DuplicateFinder, error) {
	names, err := tx.clientNames()
	if err != nil {
		return nil, err
	}
	f := &DuplicateFinder{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, e := range names {
		f.learn(e)
	}
	return f, nil
}

func (f *DuplicateFinder) learn(e *nameEntry) {
	f.phones[e.phone] = true
	f.emails[e.email] = true
	if e.birth != "" {
		f.births[e.birth+e.name] = true
	}
}

// Seen reports whether c may be a client that the finder knows, and makes it
// known.
func (f *DuplicateFinder) Seen(c model.Contact) bool {
	var e nameEntry
	e.fill(c)
	seen := (e.email != "" && f.emails[e.email]) || (len(e.digits) >= minPhone && f.phones[e.phone]) ||
		(e.birth != "" && f.births[e.birth+e.name])
	f.learn(&e)
	return seen
}

// FindDuplicates returns clients that may be the same person as c: the same
// phone, the same e-mail, or the same name and birth date; at most maxDuplicates.
// The one with the id except is left out.
func (tx *ReadTx) FindDuplicates(c model.Contact, except uuid.UUID) ([]model.Duplicate, error) {
	names, err := tx.clientNames()
	if err != nil {
		return nil, err
	}
	var probe nameEntry
	probe.fill(c)
	var all []model.Duplicate
	var ids []uuid.UUID
	for _, e := range names {
		if len(all) == maxDuplicates {
			break
		}
		if reasons := e.sameAs(&probe); len(reasons) > 0 && e.id != except {
			all = append(all, model.Duplicate{ID: e.id, Reasons: reasons})
			ids = append(ids, e.id)
		}
	}
	found, err := tx.Clients(ids)
	if err != nil {
		return nil, err
	}
	for i, d := range all {
		if at := slices.IndexFunc(found, func(c model.Client) bool { return c.ID == d.ID }); at >= 0 {
			all[i].FullName = found[at].FullName()
		}
	}
	return all, nil
}

func (e *nameEntry) sameAs(o *nameEntry) []string {
	var reasons []string
	if len(o.digits) >= minPhone && e.phone == o.phone {
		reasons = append(reasons, "phone")
	}
	if o.email != "" && e.email == o.email {
		reasons = append(reasons, "email")
	}
	if o.birth != "" && e.birth == o.birth && e.name == o.name {
		reasons = append(reasons, "name_and_birth_date")
	}
	return reasons
}

// maxDuplicates is how many are shown.
const maxDuplicates = 20

// minPhone is how many digits tell a phone number from an extension.
const minPhone = 7

// phoneKey is what a phone number's national and international forms have in
// common: the last nine digits, or fewer where a country's numbers are shorter
// than that, which Israel's landlines are.
func phoneKey(digits string) string {
	if len(digits) > 10 {
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "972")
	}
	digits = strings.TrimPrefix(digits, "0")
	return digits[max(0, len(digits)-9):]
}
