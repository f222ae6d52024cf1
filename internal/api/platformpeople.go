package api

import (
	"context"
	"strconv"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/platform"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// PlatformInvitation asks somebody to own a new practice.
type PlatformInvitation struct {
	ID           string    `json:"id" format:"uuid"`
	WorkspaceID  string    `json:"workspace_id" format:"uuid"`
	PracticeName string    `json:"practice_name"`
	Email        string    `json:"email"`
	FullName     string    `json:"full_name"`
	Role         string    `json:"role" enum:"owner,practitioner,assistant"`
	CreatedAt    time.Time `json:"created_at"`
	SentAt       time.Time `json:"sent_at"`
	ExpiresAt    time.Time `json:"expires_at"`
	Expired      bool      `json:"is_expired" doc:"Too old; send it again."`
}

func (a *API) platformInvitationOf(i platform.Invited) PlatformInvitation {
	return PlatformInvitation{
		i.ID.String(), i.WorkspaceID.String(), string(i.Practice), string(i.Email), string(i.FullName), i.Role.String(),
		i.CreatedAt, i.SentAt, i.ExpiresAt, !i.ExpiresAt.After(a.o.Now()),
	}
}

type platformInvitationsOut struct{ Body []PlatformInvitation }

func (a *API) listPlatformInvitations(ctx context.Context, sc store.PlatformScope, _ *none) (*platformInvitationsOut, error) {
	all, err := a.o.Platform.ListInvitations(ctx, sc)
	out := make([]PlatformInvitation, len(all))
	for n, i := range all {
		out[n] = a.platformInvitationOf(i)
	}
	return &platformInvitationsOut{out}, err
}

type invitePracticeIn struct {
	PracticeName string `json:"practice_name" minLength:"1" maxLength:"255"`
	Email        string `json:"email" format:"email" maxLength:"255"`
	FullName     string `json:"full_name" minLength:"1" maxLength:"255"`
	Locale       string `json:"locale,omitempty" enum:"en,he" doc:"Of the practice and of the mail; en when left out."`
	TimeZone     string `json:"time_zone,omitempty" example:"Asia/Jerusalem" doc:"An IANA name; UTC when left out."`
	Currency     string `json:"currency,omitempty" example:"ILS"`
}

type platformInvitationOut struct{ Body PlatformInvitation }

func (a *API) invitePractice(ctx context.Context, sc store.PlatformScope, _ *none) (*platformInvitationOut, error) {
	var in invitePracticeIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	w := model.Workspace{Name: model.Text(in.PracticeName), TimeZone: in.TimeZone, Currency: in.Currency}
	i := model.Invitation{Email: model.Text(in.Email), FullName: model.Text(in.FullName), Locale: in.Locale}
	made, err := a.o.Platform.Invite(ctx, sc, w, i)
	return a.platformInvited(made, err)
}

func (a *API) platformInvited(i platform.Invited, err error) (*platformInvitationOut, error) {
	if err != nil {
		return nil, err
	}
	a.wake()
	return &platformInvitationOut{a.platformInvitationOf(i)}, nil
}

func (a *API) resendPlatformInvitation(ctx context.Context, sc store.PlatformScope, in *InvitationPath) (*platformInvitationOut, error) {
	i, err := a.o.Platform.Resend(ctx, sc, idOf(in.ID))
	return a.platformInvited(i, err)
}

func (a *API) revokePlatformInvitation(ctx context.Context, sc store.PlatformScope, in *InvitationPath) (*none, error) {
	return nil, a.o.Platform.Revoke(ctx, sc, idOf(in.ID))
}

// BlacklistEntry keeps an address, or all of a domain, from signing in.
type BlacklistEntry struct {
	ID        string    `json:"id" format:"uuid"`
	Kind      string    `json:"kind" enum:"email,domain"`
	Value     string    `json:"value"`
	Reason    string    `json:"reason"`
	AddedBy   *string   `json:"added_by" doc:"The admin's address; null: on the server."`
	CreatedAt time.Time `json:"created_at"`
}

func listedOf(b platform.Listed) BlacklistEntry {
	return BlacklistEntry{b.ID.String(), b.Kind, string(b.Value), string(b.Reason), textOrNull(b.AddedByEmail), b.CreatedAt}
}

// PageIn asks for a page of a list. It is exported because huma reads embedded
// fields of exported types only.
type PageIn struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

type blacklistOut struct {
	Link string `header:"Link" doc:"rel=next when there are more."`
	Body []BlacklistEntry
}

func (a *API) listBlacklist(ctx context.Context, sc store.PlatformScope, in *PageIn) (*blacklistOut, error) {
	after, err := idCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, more, err := a.o.Platform.ListBlacklist(ctx, sc, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &blacklistOut{Body: make([]BlacklistEntry, len(page))}
	for i, b := range page {
		out.Body[i] = listedOf(b)
	}
	if more {
		out.Link = nextPage(requestOf(ctx).r.URL, page[len(page)-1].ID.String())
	}
	return out, nil
}

type blacklistIn struct {
	Value  string `json:"value" maxLength:"255" example:"example.com" doc:"An e-mail address, or a domain with all below it."`
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
}

type listedOut struct{ Body BlacklistEntry }

func (a *API) addToBlacklist(ctx context.Context, sc store.PlatformScope, _ *none) (*listedOut, error) {
	var in blacklistIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	b, err := a.o.Platform.Blacklist(ctx, sc, model.BlacklistEntry{Value: model.Text(in.Value), Reason: model.Text(in.Reason)})
	if err != nil {
		return nil, err
	}
	a.tell(ctx, requestOf(ctx), uuid.Nil, identityNoun) // whoever is kept out may be signed in anywhere
	return &listedOut{listedOf(b)}, nil
}

// EntryOfBlacklist is the part of an address that names an entry.
type EntryOfBlacklist struct {
	ID string `path:"id" format:"uuid"`
}

func (a *API) removeFromBlacklist(ctx context.Context, sc store.PlatformScope, in *EntryOfBlacklist) (*none, error) {
	return nil, a.o.Platform.Unlist(ctx, sc, idOf(in.ID))
}

// Activity is a step of an admin.
type Activity struct {
	Seq        int64     `json:"seq"`
	At         time.Time `json:"at"`
	ActorKind  string    `json:"actor_kind" enum:"operator,person,system,nobody"`
	ActorID    *string   `json:"actor_id" format:"uuid"`
	ActorEmail *string   `json:"actor_email"`
	Action     string    `json:"action" example:"platform.suspend"`
	Outcome    string    `json:"outcome" enum:"ok,denied,missing,refused"`
	SubjectID  *string   `json:"subject_id" format:"uuid"`
}

type activityOut struct {
	Link string `header:"Link" doc:"rel=next when there are more."`
	Body []Activity
}

type activityIn struct {
	PageIn

	Kind    string `query:"kind" enum:"practice,invitation,blacklist,operator,sign_in,server" doc:"What it was about."`
	Changes bool   `query:"changes" doc:"Leave out what only looked."`
}

func (a *API) listActivity(ctx context.Context, sc store.PlatformScope, in *activityIn) (*activityOut, error) {
	f := model.ActivityFilter{Kind: in.Kind, Changes: in.Changes, Limit: in.Limit}
	if in.Cursor != "" {
		var err error
		if f.Before, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || f.Before < 1 {
			return nil, model.ErrBadCursor
		}
	}
	page, more, err := a.o.Platform.Activity(ctx, sc, f)
	if err != nil {
		return nil, err
	}
	out := &activityOut{Body: make([]Activity, len(page))}
	for i, e := range page {
		out.Body[i] = Activity{
			e.Seq, e.At, e.ActorKind, optionalID(e.ActorID), textOrNull(e.ActorEmail), e.Action, e.Outcome, optionalID(e.SubjectID),
		}
	}
	if more {
		out.Link = nextPage(requestOf(ctx).r.URL, strconv.FormatInt(page[len(page)-1].Seq, 10))
	}
	return out, nil
}

type serverDay struct {
	Date        string `json:"date" format:"date" doc:"In UTC."`
	Workspaces  int    `json:"workspaces" doc:"Practices made."`
	Members     int    `json:"members" doc:"People who joined one."`
	SignIns     int    `json:"sign_ins"`
	Invitations int    `json:"invitations"`
}

type serverMetrics struct {
	Active      int64       `json:"active" doc:"Practices."`
	Suspended   int64       `json:"suspended"`
	Deleted     int64       `json:"deleted"`
	Members     int64       `json:"members" doc:"Active ones."`
	Invitations int64       `json:"invitations" doc:"Open ones."`
	Blacklist   int64       `json:"blacklist"`
	Days        []serverDay `json:"days" doc:"The last one is today."`
}

type metricsIn struct {
	Days int `query:"days" minimum:"1" maximum:"90" default:"30"`
}

type serverMetricsOut struct{ Body serverMetrics }

func (a *API) serverMetrics(ctx context.Context, sc store.PlatformScope, in *metricsIn) (*serverMetricsOut, error) {
	m, err := a.o.Platform.Metrics(ctx, sc, in.Days)
	if err != nil {
		return nil, err
	}
	out := serverMetrics{m.Active, m.Suspended, m.Deleted, m.Members, m.Invitations, m.Blacklist, make([]serverDay, len(m.Days))}
	for i, d := range m.Days {
		out.Days[i] = serverDay{d.Date.Format(time.DateOnly), d.Workspaces, d.Members, d.SignIns, d.Invitations}
	}
	return &serverMetricsOut{out}, nil
}
