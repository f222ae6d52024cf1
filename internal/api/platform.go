package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ManagedPractice is what the operator sees of a practice.
type ManagedPractice struct {
	ID          string       `json:"id" format:"uuid"`
	Name        string       `json:"name" doc:"Empty once the data key was destroyed."`
	Status      string       `json:"status" enum:"active,suspended,deleted"`
	Reason      *string      `json:"reason"`
	StatusAt    *time.Time   `json:"status_at"`
	ShredAt     *time.Time   `json:"shred_at" doc:"When the data key is to be destroyed."`
	ShreddedAt  *time.Time   `json:"shredded_at"`
	CreatedAt   time.Time    `json:"created_at"`
	Quota       int64        `json:"quota_bytes"`
	Members     int64        `json:"members" doc:"Active ones."`
	Invitations int64        `json:"invitations" doc:"Open ones."`
	LastSeenAt  *time.Time   `json:"last_seen_at"`
	Owners      []OwnerShown `json:"owners"`
}

// OwnerShown is an owner of a practice, for the operator.
type OwnerShown struct {
	ID       string `json:"id" format:"uuid"`
	FullName string `json:"full_name"`
	Email    string `json:"email"`
}

func managedOf(w *model.ManagedWorkspace) ManagedPractice {
	out := ManagedPractice{
		ID: w.ID.String(), Name: string(w.Name), Status: w.Status, Reason: textOrNull(w.Reason), StatusAt: w.StatusAt, ShredAt: w.ShredAt,
		ShreddedAt: w.ShreddedAt, CreatedAt: w.CreatedAt, Quota: w.Quota, Members: w.Members, Invitations: w.Invitations,
		LastSeenAt: w.LastSeenAt, Owners: make([]OwnerShown, len(w.Owners)),
	}
	for i, o := range w.Owners {
		out.Owners[i] = OwnerShown{o.ID.String(), string(o.FullName), string(o.Email)}
	}
	return out
}

func textOrNull(t model.Text) *string {
	if t == "" {
		return nil
	}
	s := string(t)
	return &s
}

type listPracticesIn struct {
	Query  string `query:"q" maxLength:"200" doc:"Part of a name, or of an owner's name or address."`
	Status string `query:"status" enum:"active,suspended,deleted"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

type listPracticesOut struct {
	Link string `header:"Link" doc:"rel=next when there are more."`
	Body []ManagedPractice
}

// idCursor reads a cursor that is an id; the zero id when there is none.
func idCursor(text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, model.ErrBadCursor
	}
	return id, nil
}

func (a *API) listPractices(ctx context.Context, sc store.PlatformScope, in *listPracticesIn) (*listPracticesOut, error) {
	after, err := idCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, more, err := a.o.Platform.ListWorkspaces(ctx, sc, model.WorkspaceFilter{Query: in.Query, Status: in.Status, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listPracticesOut{Body: make([]ManagedPractice, len(page))}
	for i := range page {
		out.Body[i] = managedOf(&page[i])
	}
	if more {
		out.Link = nextPage(requestOf(ctx).r.URL, page[len(page)-1].ID.String())
	}
	return out, nil
}

// PracticePath is the part of an address that names a practice.
type PracticePath struct {
	ID string `path:"id" format:"uuid"`
}

type practiceOut struct{ Body ManagedPractice }

func managedPractice(w model.ManagedWorkspace, err error) (*practiceOut, error) {
	if err != nil {
		return nil, err
	}
	return &practiceOut{managedOf(&w)}, nil
}

func (a *API) getPractice(ctx context.Context, sc store.PlatformScope, in *PracticePath) (*practiceOut, error) {
	return managedPractice(a.o.Platform.GetWorkspace(ctx, sc, idOf(in.ID)))
}

type reasonIn struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"For the operator's own record."`
}

func (a *API) suspendPractice(ctx context.Context, sc store.PlatformScope, in *PracticePath) (*practiceOut, error) {
	var b reasonIn
	if err := a.ofPractice(ctx, sc, in, &b); err != nil {
		return nil, err
	}
	return a.closed(ctx, in)(a.o.Platform.Suspend(ctx, sc, idOf(in.ID), model.Text(b.Reason)))
}

// closed tells those who are signed in to a practice that was closed.
func (a *API) closed(ctx context.Context, in *PracticePath) func(model.ManagedWorkspace, error) (*practiceOut, error) {
	return func(w model.ManagedWorkspace, err error) (*practiceOut, error) {
		if err == nil {
			a.tell(ctx, requestOf(ctx), idOf(in.ID), identityNoun)
		}
		return managedPractice(w, err)
	}
}

// ofPractice reads the body of a change to a practice, once that is there.
func (a *API) ofPractice(ctx context.Context, sc store.PlatformScope, in *PracticePath, body any) error {
	if _, err := a.o.Platform.GetWorkspace(ctx, sc, idOf(in.ID)); err != nil {
		return err
	}
	_, err := decode(ctx, body)
	return err
}

func (a *API) reactivatePractice(ctx context.Context, sc store.PlatformScope, in *PracticePath) (*practiceOut, error) {
	return managedPractice(a.o.Platform.Reactivate(ctx, sc, idOf(in.ID)))
}

type deletePracticeIn struct {
	Name   string `json:"name" maxLength:"255" doc:"The name of the practice, typed letter for letter."`
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
	Shred  bool   `json:"shred,omitempty" doc:"Destroy the data key at once instead of after 30 days. Nobody can read the practice's records then, not from a backup either."`
}

func (a *API) deletePractice(ctx context.Context, sc store.PlatformScope, in *PracticePath) (*practiceOut, error) {
	var b deletePracticeIn
	if err := a.ofPractice(ctx, sc, in, &b); err != nil {
		return nil, err
	}
	return a.closed(ctx, in)(a.o.Platform.Delete(ctx, sc, idOf(in.ID), model.Text(b.Name), model.Text(b.Reason), b.Shred))
}

type quotaIn struct {
	Bytes *int64 `json:"bytes" nullable:"false" minimum:"0" maximum:"10995116277760" doc:"How much of files the practice may keep."`
}

func (a *API) setQuota(ctx context.Context, sc store.PlatformScope, in *PracticePath) (*practiceOut, error) {
	var b quotaIn
	if err := a.ofPractice(ctx, sc, in, &b); err != nil {
		return nil, err
	}
	if b.Bytes == nil {
		return nil, model.InvalidFields([]model.Field{{Name: "bytes", Code: "required", Message: "Must be there."}})
	}
	return managedPractice(a.o.Platform.SetQuota(ctx, sc, idOf(in.ID), *b.Bytes))
}
