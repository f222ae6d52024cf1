package api

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

const (
	// maxPage bounds a page of a list.
	maxPage = 100
	// maxWindowPage bounds a page of a window that is at most maxWindow long,
	// so that a calendar reads its month in one request.
	maxWindowPage = 1000
	maxWindow     = 45 * 24 * time.Hour
)

type listAppointmentsIn struct {
	From           time.Time `query:"from" doc:"What ends after this time."`
	To             time.Time `query:"to" doc:"What starts before this time."`
	StartDate      string    `query:"start_date" maxLength:"40" doc:"Like from; also a plain date, a day of the workspace's zone."`
	EndDate        string    `query:"end_date" maxLength:"40" doc:"Like to; also a plain date, whose day is included."`
	ClientID       string    `query:"client_id" format:"uuid"`
	PractitionerID string    `query:"practitioner_id" format:"uuid"`
	Status         string    `query:"status" enum:"scheduled,attended,cancelled,no_show"`
	Needs          string    `query:"needs" enum:"status,note,payment" doc:"Past visits of which something is left to do: whether the client came, the note, the payment."`
	Deleted        bool      `query:"deleted" doc:"Those in the trash instead."`
	Order          string    `query:"order" enum:"asc,desc" default:"asc" doc:"By start, then id."`
	Limit          int       `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Up to 100; up to 1000 for a window of at most 45 days."`
	Cursor         string    `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

type listAppointmentsOut struct {
	Link  string `header:"Link" doc:"rel=next when there are more."`
	Total int    `header:"X-Total-Count" doc:"How many match on all pages."`
	Body  []Appointment
}

// filter translates the query. What is wrong with it is named.
func (in *listAppointmentsIn) filter() (f model.AppointmentFilter, days model.Days, err error) {
	f = model.AppointmentFilter{
		From: in.From, To: in.To, ClientID: idOf(in.ClientID), PractitionerID: idOf(in.PractitionerID),
		Status: in.Status, Needs: in.Needs, Deleted: in.Deleted, Latest: in.Order == "desc", Limit: in.Limit,
	}
	days = model.Days{First: timeOrDate(in.StartDate, &f.From), Last: timeOrDate(in.EndDate, &f.To)}
	window := !f.From.IsZero() && !f.To.IsZero() && f.To.Sub(f.From) <= maxWindow
	if days != (model.Days{}) {
		first, ferr := time.Parse(time.DateOnly, days.First)
		last, lerr := time.Parse(time.DateOnly, days.Last)
		window = ferr == nil && lerr == nil && last.Sub(first) < maxWindow
	}
	if f.Limit > maxPage && !window {
		return f, days, model.InvalidFields([]model.Field{{Name: "limit", Code: "range", Message: "Must be at most 100 without a window of at most 45 days."}})
	}
	f.After, err = placeOf(in.Cursor)
	return f, days, err
}

// timeOrDate puts a time into at, or returns what may be a plain date.
func timeOrDate(s string, at *time.Time) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	*at = t
	return ""
}

// cursorSize is that of a place: its time in microseconds, and its id.
const cursorSize = 8 + 16

// placeOf reads a cursor of lists that are in the order of a time.
func placeOf(cursor string) (*model.Place, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no cursor is no place
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != cursorSize {
		return nil, model.ErrBadCursor
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC() //nolint:gosec // G115: times before 1970 are negative
	if at.Year() < 1 || at.Year() > 9999 {                          // not every database can compare others
		return nil, model.ErrBadCursor
	}
	return &model.Place{At: at, ID: uuid.UUID(raw[8:])}, nil
}

func cursorOf(at time.Time, id uuid.UUID) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(raw, id[:]...))
}

func (a *API) listAppointments(ctx context.Context, sc store.Scope, in *listAppointmentsIn) (*listAppointmentsOut, error) {
	f, days, err := in.filter()
	if err != nil {
		return nil, err
	}
	page, err := a.o.Practice.ListAppointments(ctx, sc, f, days)
	if err != nil && in.EndDate != "" {
		err = model.RenameField(err, "to", "end_date")
	}
	if err != nil {
		return nil, err
	}
	out := &listAppointmentsOut{Total: page.Total, Body: make([]Appointment, len(page.Entries))}
	for i := range page.Entries {
		out.Body[i] = appointmentOf(sc.Workspace(), &page.Entries[i])
	}
	if page.More {
		last := &page.Entries[len(page.Entries)-1]
		out.Link = nextPage(requestOf(ctx).r.URL, cursorOf(last.StartsAt, last.ID))
	}
	return out, nil
}

// AppointmentPath is the part of an address that names an appointment.
type AppointmentPath struct {
	ID string `path:"id" format:"uuid"`
}

func (p AppointmentPath) id() uuid.UUID { return idOf(p.ID) }

type appointmentOut struct{ Body Appointment }

func sentAppointment(sc store.Scope, e *model.CalendarEntry) *appointmentOut {
	return &appointmentOut{appointmentOf(sc.Workspace(), e)}
}

func (a *API) getAppointment(ctx context.Context, sc store.Scope, in *AppointmentPath) (*appointmentOut, error) {
	e, err := a.o.Practice.GetAppointment(ctx, sc, in.id())
	if err != nil {
		return nil, err
	}
	return sentAppointment(sc, &e), nil
}

type bookIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the appointment made first."`
}

type bookOut struct {
	Location string `header:"Location"`
	Body     Appointment
}

func (a *API) bookAppointment(ctx context.Context, sc store.Scope, in *bookIn) (*bookOut, error) {
	var b appointmentIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	booking, err := b.booking()
	if err != nil {
		return nil, err
	}
	e, err := a.o.Practice.BookAppointment(ctx, sc, booking, model.OnceKey{Route: "POST /appointments", Key: in.Key, Body: raw})
	if err != nil {
		return nil, err
	}
	return &bookOut{Base + "/appointments/" + e.ID.String(), appointmentOf(sc.Workspace(), &e)}, nil
}

type updateAppointmentIn struct {
	AppointmentPath

	IfMatch string `header:"If-Match" maxLength:"40" doc:"The version you saw, in quotes, instead of the version field."`
}

func (a *API) updateAppointment(ctx context.Context, sc store.Scope, in *updateAppointmentIn) (*appointmentOut, error) {
	if err := a.o.Practice.CheckAppointment(ctx, sc, model.AppointmentUpdate, in.id()); err != nil {
		return nil, err
	}
	var b AppointmentChange
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err != nil {
		return nil, err
	}
	ch, err := b.change(version)
	if err != nil {
		return nil, err
	}
	e, err := a.o.Practice.UpdateAppointment(ctx, sc, in.id(), ch)
	if err != nil {
		return nil, err
	}
	return sentAppointment(sc, &e), nil
}

type paymentChange struct {
	PaymentIn
	Version int64 `json:"version,omitempty" doc:"The version you saw; a stale one answers 409."`
}

func (a *API) payAppointment(ctx context.Context, sc store.Scope, in *updateAppointmentIn) (*appointmentOut, error) {
	if err := a.o.Practice.CheckAppointment(ctx, sc, model.AppointmentPay, in.id()); err != nil {
		return nil, err
	}
	var b paymentChange
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err != nil {
		return nil, err
	}
	e, err := a.o.Practice.PayAppointment(ctx, sc, in.id(), practice.AppointmentChange{Version: version, Apply: b.apply})
	if err != nil {
		return nil, err
	}
	return sentAppointment(sc, &e), nil
}

type deleteAppointmentIn struct {
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	Version int64  `json:"version,omitempty" doc:"The version you saw; a stale one answers 409."`
	Note    string `json:"session_note_action,omitempty" enum:"keep,delete" default:"keep" doc:"What becomes of a note about it. Deleting takes a draft along into the trash, and a restore brings it back; a signed note answers 409."`
}

func (a *API) deleteAppointment(ctx context.Context, sc store.Scope, in *updateAppointmentIn) (*none, error) {
	if err := a.o.Practice.CheckAppointment(ctx, sc, model.AppointmentDelete, in.id()); err != nil {
		return nil, err
	}
	var b deleteAppointmentIn
	if err := decodeIfAny(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	bad := oneOf("session_note_action", b.Note, []string{"", "keep", "delete"}, nil)
	if err := model.JoinInvalid(err, model.InvalidFields(bad)); err != nil {
		return nil, err
	}
	how := practice.Deleting{Version: version, Reason: model.Text(b.Reason), Draft: b.Note == "delete"}
	return nil, a.o.Practice.DeleteAppointment(ctx, sc, in.id(), how)
}

type restoreAppointmentIn struct {
	Series   bool   `json:"series,omitempty" doc:"Also what was deleted of its series with it."`
	Override bool   `json:"override,omitempty" doc:"Bring it back although its time is taken by now."`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Why it may overlap; required with override when the time is taken."`
}

func (a *API) restoreAppointment(ctx context.Context, sc store.Scope, in *AppointmentPath) (*appointmentOut, error) {
	if err := a.o.Practice.CheckAppointment(ctx, sc, model.AppointmentRestore, in.id()); err != nil {
		return nil, err
	}
	var b restoreAppointmentIn
	if err := decodeIfAny(ctx, &b); err != nil {
		return nil, err
	}
	e, err := a.o.Practice.RestoreAppointment(ctx, sc, in.id(), practice.Restoring{Series: b.Series, Override: b.Override, Reason: model.Text(b.Reason)})
	if err != nil {
		return nil, err
	}
	return sentAppointment(sc, &e), nil
}

type clashesIn struct {
	StartsAt       time.Time `query:"starts_at" required:"true"`
	EndsAt         time.Time `query:"ends_at" doc:"Left out: as long as the service."`
	PractitionerID string    `query:"practitioner_id" format:"uuid" doc:"Left out: you, or the only practitioner."`
	ServiceID      string    `query:"service_id" format:"uuid" doc:"For its buffers."`
	LocationID     string    `query:"location_id" format:"uuid" doc:"Also looks whether the room is free, when it is one."`
	Except         string    `query:"exclude_appointment_id" format:"uuid" doc:"The appointment that is to be moved."`
}

type clashesOut struct {
	Body struct {
		HasConflict bool    `json:"has_conflict"`
		Conflicting []Clash `json:"conflicting_appointments" doc:"Earliest first, at most 20 of the practitioner and 20 of the room."`
	}
}

func (a *API) findClashes(ctx context.Context, sc store.Scope, in *clashesIn) (*clashesOut, error) {
	wanted := model.Appointment{
		ID: idOf(in.Except), PractitionerID: idOf(in.PractitionerID), StartsAt: in.StartsAt, EndsAt: in.EndsAt,
		ServiceID: idOrNil(in.ServiceID), LocationID: idOrNil(in.LocationID),
	}
	clashes, err := a.o.Practice.FindClashes(ctx, sc, wanted)
	if err != nil {
		return nil, err
	}
	out := &clashesOut{}
	out.Body.HasConflict, out.Body.Conflicting = len(clashes) > 0, clashesOf(clashes)
	return out, nil
}

// idOrNil reads an id of a query that may be left out.
func idOrNil(s string) *uuid.UUID {
	if s == "" {
		return nil
	}
	id := idOf(s)
	return &id
}
