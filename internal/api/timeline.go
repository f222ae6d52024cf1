package api

import (
	"context"
	"slices"
	"time"

	"pazpaz/internal/practice"
	"pazpaz/internal/store"
)

type timelineIn struct {
	ClientPath

	Kinds  []string `query:"kinds" enum:"appointment,session" doc:"What to show; left out: all. Sessions are never shown to roles that may not read them."`
	Limit  int      `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string   `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

// TimelineItem is one thing that happened with a client.
type TimelineItem struct {
	Kind        string               `json:"kind" enum:"appointment,session"`
	At          time.Time            `json:"at"`
	ID          string               `json:"id" format:"uuid"`
	Appointment *TimelineAppointment `json:"appointment" doc:"Null unless the kind is appointment."`
	Session     *TimelineSession     `json:"session" doc:"Null unless the kind is session."`
}

// TimelineAppointment is an appointment that may be null.
type TimelineAppointment struct {
	_ struct{} `nullable:"true"`

	Appointment
}

// TimelineSession is a note that may be null.
type TimelineSession struct {
	_ struct{} `nullable:"true"`

	Session
}

type timelineOut struct {
	Link string `header:"Link" doc:"rel=next when there are more."`
	Body []TimelineItem
}

func (a *API) timeline(ctx context.Context, sc store.Scope, in *timelineIn) (*timelineOut, error) {
	after, err := placeOf(in.Cursor)
	if err != nil {
		return nil, err
	}
	shows := func(kind string) bool { return len(in.Kinds) == 0 || slices.Contains(in.Kinds, kind) }
	items, more, err := a.o.Practice.Timeline(ctx, sc, practice.TimelineQuery{
		ClientID: in.id(), Appointments: shows("appointment"), Sessions: shows("session"), Limit: in.Limit, After: after,
	})
	if err != nil {
		return nil, err
	}
	out := &timelineOut{Body: make([]TimelineItem, len(items))}
	for i := range items {
		out.Body[i] = timelineItemOf(sc, &items[i])
	}
	if more {
		last := &items[len(items)-1]
		out.Link = nextPage(requestOf(ctx).r.URL, cursorOf(last.At, last.ID))
	}
	return out, nil
}

func timelineItemOf(sc store.Scope, t *practice.TimelineItem) TimelineItem {
	out := TimelineItem{At: t.At, ID: t.ID.String()}
	if t.Session != nil {
		out.Kind, out.Session = "session", &TimelineSession{Session: sessionOf(t.Session)}
		return out
	}
	out.Kind, out.Appointment = "appointment", &TimelineAppointment{Appointment: appointmentOf(sc.Workspace(), t.Appointment)}
	return out
}

type workIn struct {
	PractitionerID string `query:"practitioner_id" format:"uuid" doc:"Whose work; left out: the whole practice's."`
}

// Work counts what is left to do. GET /appointments?needs= and
// GET /sessions?status=draft list it.
type Work struct {
	NeedsStatus   int `json:"needs_status" doc:"Past visits of which nobody said whether the client came."`
	NeedsNote     int `json:"needs_note" doc:"Attended visits without a note."`
	NeedsPayment  int `json:"needs_payment" doc:"Attended visits with a price that are not paid."`
	UnsignedNotes int `json:"unsigned_notes" doc:"Draft notes that you may read; 0 for roles that may read none."`
}

type workOut struct{ Body Work }

func (a *API) countWork(ctx context.Context, sc store.Scope, in *workIn) (*workOut, error) {
	w, err := a.o.Practice.CountWork(ctx, sc, idOf(in.PractitionerID))
	if err != nil {
		return nil, err
	}
	return &workOut{Work(w)}, nil
}
