package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Refusals of a new note.
var (
	errNoSubject   = model.InvalidFields([]model.Field{{Name: "client_id", Code: "required", Message: "Say about which client or appointment."}})
	errOtherClient = model.InvalidFields([]model.Field{{Name: "client_id", Code: "other_client", Message: "The appointment is another client's."}})
)

// CreateSession begins a note about a client or an appointment, which becomes
// attended when it may be. With a key, sending the same again answers with the
// note made first. An appointment that has a note already is a Conflict.
func (p *Practice) CreateSession(ctx context.Context, sc store.Scope, in model.NewSession, once model.OnceKey) (s model.Session, err error) {
	id, err := p.newID()
	if err != nil {
		return s, err
	}
	err = p.store.Write(ctx, sc, model.SessionCreate, func(tx *store.Tx) error {
		made, _, err := tx.Once(once, func() (uuid.UUID, error) { return id, beginSession(tx, id, in) })
		if err != nil {
			return err
		}
		s, err = presentSession(&tx.ReadTx, made)
		return err
	})
	if err != nil {
		return model.Session{}, fmt.Errorf("create session: %w", err)
	}
	return s, nil
}

func beginSession(tx *store.Tx, id uuid.UUID, in model.NewSession) error {
	s := model.Session{ID: id, ClientID: in.ClientID, AuthorID: tx.Scope().User()}
	if tx.Scope().Role() == model.Operator {
		s.AuthorID = in.AuthorID
	}
	visit, err := visitOf(&tx.ReadTx, in)
	if err != nil {
		return err
	}
	if visit != nil {
		s.ClientID, s.AppointmentID, s.Facts = visit.ClientID, &visit.ID, factsOf(*visit)
	}
	if err := tx.HasClient(s.ClientID); err != nil {
		return err
	}
	if in.Sections, err = templated(&tx.ReadTx, in); err != nil {
		return err
	}
	if s.SessionContent, err = in.Content(s.Facts, tx.Now()).Normalize(tx.Now()); err != nil {
		return err
	}
	if err := tx.InsertSession(s); err != nil || visit == nil {
		return err
	}
	return attend(tx, visit.Appointment)
}

// visitOf returns the appointment that a new note is about, nil when none was
// named. A colleague's is Denied; one that was cancelled, or has a note already,
// is a Conflict.
func visitOf(tx *store.ReadTx, in model.NewSession) (*model.CalendarEntry, error) {
	if in.AppointmentID == uuid.Nil {
		if in.ClientID == uuid.Nil {
			return nil, errNoSubject
		}
		return nil, nil //nolint:nilnil // a note may be about no appointment
	}
	e, err := tx.Appointment(in.AppointmentID)
	if err != nil {
		return nil, err
	}
	switch {
	case tx.Scope().Role() == model.Practitioner && e.PractitionerID != tx.Scope().User():
		return nil, model.ErrNotTheirVisit
	case in.ClientID != uuid.Nil && in.ClientID != e.ClientID:
		return nil, errOtherClient
	}
	return &e, takesNote(tx, e)
}

// takesNote fails with a Conflict when there can be no new note about the
// appointment: it was cancelled, or has one. A no-show may be documented.
func takesNote(tx *store.ReadTx, e model.CalendarEntry) error {
	if e.Status == model.Cancelled {
		return model.ErrVisitCancelled
	}
	return freeOfNotes(tx, e.ID)
}

// freeOfNotes fails with a Conflict when the appointment has an active note.
func freeOfNotes(tx *store.ReadTx, appointment uuid.UUID) error {
	note, there, err := tx.ActiveSession(appointment)
	if err != nil || !there {
		return err
	}
	return model.ErrNoteThere(note)
}

func factsOf(e model.CalendarEntry) *model.VisitFacts {
	return &model.VisitFacts{StartsAt: e.StartsAt, EndsAt: e.EndsAt, ServiceName: e.ServiceName, LocationName: e.LocationName}
}

// templated returns the sections of a new note: what was sent, and where
// nothing was, what the template has.
func templated(tx *store.ReadTx, in model.NewSession) (model.Sections, error) {
	s := in.Sections
	if in.TemplateID == uuid.Nil {
		return s, nil
	}
	t, err := tx.Template(in.TemplateID)
	if model.KindOf(err) == model.NotFound || (err == nil && t.Kind != model.NoteTemplate) {
		return s, unknownID("template_id")
	}
	for _, name := range model.SectionNames {
		if to := s.Section(name); *to == "" {
			*to = *t.Section(name)
		}
	}
	return s, err
}

// unknownID answers a field that names a record which is not here.
func unknownID(field string) error {
	return model.InvalidFields([]model.Field{{Name: field, Code: "unknown", Message: "There is none with this id."}})
}

// attend marks the appointment of a note that was begun or signed as noted, and
// as attended when it is planned and its time has come.
func attend(tx *store.Tx, a model.Appointment) error {
	if a.Status == model.Scheduled && a.CanBeAttended(tx.Now()) {
		next, err := a.To(model.Attended, nil, tx.Now())
		if err != nil {
			return err
		}
		if err := tx.SetAppointmentStatus(next); err != nil {
			return err
		}
	}
	return tx.SetNoted(a.ID, true)
}
