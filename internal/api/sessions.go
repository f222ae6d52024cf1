package api

import (
	"context"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SessionPath is the part of an address that names a note.
type SessionPath struct {
	ID string `path:"id" format:"uuid"`
}

func (p SessionPath) id() uuid.UUID { return idOf(p.ID) }

type listSessionsIn struct {
	ClientID      string `query:"client_id" format:"uuid"`
	AppointmentID string `query:"appointment_id" format:"uuid"`
	AuthorID      string `query:"author_id" format:"uuid"`
	Status        string `query:"status" enum:"draft,signed,entered_in_error"`
	Deleted       bool   `query:"deleted" doc:"Those in the trash instead."`
	Limit         int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor        string `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

type listSessionsOut struct {
	Link  string `header:"Link" doc:"rel=next when there are more."`
	Total int    `header:"X-Total-Count" doc:"How many match on all pages."`
	Body  []Session
}

func (a *API) listSessions(ctx context.Context, sc store.Scope, in *listSessionsIn) (*listSessionsOut, error) {
	after, err := placeOf(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, err := a.o.Practice.ListSessions(ctx, sc, model.SessionFilter{
		ClientID: idOf(in.ClientID), AppointmentID: idOf(in.AppointmentID), AuthorID: idOf(in.AuthorID),
		Status: in.Status, Deleted: in.Deleted, Limit: in.Limit, After: after,
	})
	if err != nil {
		return nil, err
	}
	out := &listSessionsOut{Total: page.Total, Body: make([]Session, len(page.Sessions))}
	for i := range page.Sessions {
		out.Body[i] = sessionOf(&page.Sessions[i])
	}
	if page.More {
		last := &page.Sessions[len(page.Sessions)-1]
		out.Link = nextPage(requestOf(ctx).r.URL, cursorOf(last.SessionDate, last.ID))
	}
	return out, nil
}

type sessionOut struct{ Body Session }

// sent answers with a note, or with why there is none.
func sent(s model.Session, err error) (*sessionOut, error) {
	if err != nil {
		return nil, err
	}
	return &sessionOut{sessionOf(&s)}, nil
}

func (a *API) getSession(ctx context.Context, sc store.Scope, in *SessionPath) (*sessionOut, error) {
	return sent(a.o.Practice.GetSession(ctx, sc, in.id()))
}

func (a *API) latestSession(ctx context.Context, sc store.Scope, in *ClientPath) (*sessionOut, error) {
	return sent(a.o.Practice.LatestSession(ctx, sc, in.id()))
}

type versionsOut struct{ Body []SessionVersion }

func (a *API) listVersions(ctx context.Context, sc store.Scope, in *SessionPath) (*versionsOut, error) {
	all, err := a.o.Practice.ListVersions(ctx, sc, in.id())
	return &versionsOut{versionsOf(all)}, err
}

type createSessionIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the note made first."`
}

type createSessionOut struct {
	Location string `header:"Location"`
	Body     Session
}

func (a *API) createSession(ctx context.Context, sc store.Scope, in *createSessionIn) (*createSessionOut, error) {
	var b sessionIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	n, err := b.session()
	if err != nil {
		return nil, err
	}
	s, err := a.o.Practice.CreateSession(ctx, sc, n, model.OnceKey{Route: "POST /sessions", Key: in.Key, Body: raw})
	if err != nil {
		return nil, err
	}
	return &createSessionOut{Base + "/sessions/" + s.ID.String(), sessionOf(&s)}, nil
}

// searchIn is in a body: words about health do not belong into addresses.
type searchIn struct {
	Query    string   `json:"query" minLength:"1" maxLength:"200" doc:"Found in any part of a section, whatever its case, accents, niqqud and final letters."`
	ClientID *string  `json:"client_id,omitempty" format:"uuid"`
	Sections []string `json:"sections,omitempty" minItems:"1" enum:"subjective,objective,assessment,plan" doc:"Left out: all."`
	Limit    int      `json:"limit,omitempty" minimum:"1" maximum:"50" doc:"Left out: 50."`
}

type searchOut struct{ Body NoteMatches }

func (a *API) searchSessions(ctx context.Context, sc store.Scope, _ *none) (*searchOut, error) {
	var b searchIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	s := model.NoteSearch{Query: model.Text(b.Query), Sections: b.Sections, Limit: b.Limit}
	var ids idsIn
	if id := ids.may("client_id", b.ClientID); id != nil {
		s.ClientID = *id
	}
	if err := ids.err(); err != nil {
		return nil, err
	}
	found, err := a.o.Practice.SearchNotes(ctx, sc, s)
	return &searchOut{matchesOf(found)}, err
}

type editSessionIn struct {
	SessionPath

	IfMatch string `header:"If-Match" maxLength:"40" doc:"The version you saw, in quotes, instead of the version field."`
}

// saveDraft is updateSession for a page that saves while somebody types.
func (a *API) saveDraft(ctx context.Context, sc store.Scope, in *editSessionIn) (*sessionOut, error) {
	if err := a.o.Auth.AllowSave(ctx, sc.User(), in.id()); err != nil {
		return nil, err
	}
	return a.updateSession(ctx, sc, in)
}

func (a *API) updateSession(ctx context.Context, sc store.Scope, in *editSessionIn) (*sessionOut, error) {
	var b sessionChange
	version, err := a.editBody(ctx, sc, model.SessionSave, in, &b, &b.Version)
	if err != nil {
		return nil, err
	}
	return sent(a.o.Practice.SaveSession(ctx, sc, in.id(), practice.SessionChange{Version: version, Apply: b.change}))
}

// editBody reads the body of a change of a note, and the version in it. A note
// that is not there is told before anything that is wrong with the body.
func (a *API) editBody(ctx context.Context, sc store.Scope, act model.Action, in *editSessionIn, body any, version *int64) (int64, error) {
	_, err := decode(ctx, body)
	if err == nil {
		var seen int64
		if seen, err = seenVersion(in.IfMatch, *version); err == nil {
			return seen, nil
		}
	}
	if missing := a.o.Practice.CheckSession(ctx, sc, act, in.id()); missing != nil {
		return 0, missing
	}
	return 0, err
}
