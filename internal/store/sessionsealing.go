package store

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Field numbers of what a note says. The last three are of a version alone: a
// draft has columns for them.
const (
	noteSubjective byte = iota + 1
	noteObjective
	noteAssessment
	notePlan
	noteCopied
	noteReason
	noteDate
	noteMinutes
)

// said is what a draft or a version holds.
type said struct {
	model.SessionContent
	reason model.Text
}

func packSections(s model.Sections, more int) record {
	r := make(record, 0, len(s.Subjective)+len(s.Objective)+len(s.Assessment)+len(s.Plan)+more)
	r.put(noteSubjective, s.Subjective)
	r.put(noteObjective, s.Objective)
	r.put(noteAssessment, s.Assessment)
	r.put(notePlan, s.Plan)
	return r
}

func packDraft(c model.SessionContent) record {
	r := packSections(c.Sections, 128)
	for _, m := range c.Copied {
		r.put(noteCopied, packMark(m))
	}
	return r
}

func packVersion(v model.SessionVersion) record {
	r := packDraft(v.SessionContent)
	r.put(noteReason, v.Reason)
	r.put(noteDate, packTime(v.SessionDate))
	if v.Minutes != nil {
		r.put(noteMinutes, model.Text(strconv.Itoa(*v.Minutes)))
	}
	return r
}

func unpackContent(r record) (c said, err error) {
	var broken error
	err = r.each(func(field byte, v model.Text) {
		var err error
		switch field {
		case noteSubjective:
			c.Subjective = v
		case noteObjective:
			c.Objective = v
		case noteAssessment:
			c.Assessment = v
		case notePlan:
			c.Plan = v
		case noteReason:
			c.reason = v
		case noteCopied:
			var m model.CopiedLines
			m, err = unpackMark(v)
			c.Copied = append(c.Copied, m)
		case noteDate:
			c.SessionDate, err = unpackTime(v)
		case noteMinutes:
			var n int
			n, err = strconv.Atoi(string(v))
			c.Minutes = &n
		}
		broken = errors.Join(broken, err)
	})
	return c, errors.Join(err, broken)
}

func packTime(t time.Time) model.Text { return model.Text(strconv.FormatInt(t.UnixMicro(), 10)) }

func unpackTime(v model.Text) (time.Time, error) {
	us, err := strconv.ParseInt(string(v), 10, 64)
	return time.UnixMicro(us).UTC(), err
}

var errBadMark = errors.New("sealed mark is cut")

// packMark writes the letter of the section, the source and the line numbers.
func packMark(m model.CopiedLines) model.Text {
	b := append([]byte{m.Section[0]}, m.From[:]...)
	for _, n := range m.Lines {
		b = binary.AppendUvarint(b, uint64(n)) //nolint:gosec // G115: lines count from 1
	}
	return model.Text(b)
}

func unpackMark(v model.Text) (m model.CopiedLines, err error) {
	b := []byte(v)
	if len(b) < 17 {
		return m, errBadMark
	}
	for _, name := range model.SectionNames {
		if name[0] == b[0] {
			m.Section = name
		}
	}
	m.From = uuid.UUID(b[1:17])
	for b = b[17:]; len(b) > 0; {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > model.MaxSection*2 {
			return m, errBadMark
		}
		m.Lines = append(m.Lines, int(n))
		b = b[size:]
	}
	return m, nil
}

// Field numbers of what a note knows besides what it says.
const (
	factStarts byte = iota + 1
	factEnds
	factService
	factLocation
	factVoidReason
	factVoidBy
	factVoidAt
	factDeleteReason
)

// sealFacts returns the sealed facts; nil when there are none.
func (tx *Tx) sealFacts(s model.Session) ([]byte, error) {
	r := record{}
	if f := s.Facts; f != nil {
		r.put(factStarts, packTime(f.StartsAt))
		r.put(factEnds, packTime(f.EndsAt))
		r.put(factService, f.ServiceName)
		r.put(factLocation, f.LocationName)
	}
	if v := s.Voided; v != nil {
		r.put(factVoidReason, v.Reason)
		r.put(factVoidBy, model.Text(v.By.String()))
		r.put(factVoidAt, packTime(v.At))
	}
	r.put(factDeleteReason, s.DeleteReason)
	if len(r) == 0 {
		return nil, nil
	}
	return tx.box.Seal(place("sessions", "facts", s.ID), r)
}

func (tx *ReadTx) openFacts(s *model.Session, sealed []byte) error {
	if sealed == nil {
		return nil
	}
	raw, err := tx.box.Open(place("sessions", "facts", s.ID), sealed)
	if err != nil {
		return err
	}
	var f model.VisitFacts
	var v model.Voiding
	var broken error
	err = record(raw).each(func(field byte, t model.Text) {
		var err error
		switch field {
		case factStarts:
			f.StartsAt, err = unpackTime(t)
		case factEnds:
			f.EndsAt, err = unpackTime(t)
		case factService:
			f.ServiceName = t
		case factLocation:
			f.LocationName = t
		case factVoidReason:
			v.Reason = t
		case factVoidBy:
			v.By, err = uuid.Parse(string(t))
		case factVoidAt:
			v.At, err = unpackTime(t)
		case factDeleteReason:
			s.DeleteReason = t
		}
		broken = errors.Join(broken, err)
	})
	if !f.StartsAt.IsZero() {
		s.Facts = &f
	}
	if !v.At.IsZero() {
		s.Voided = &v
	}
	return errors.Join(err, broken)
}

// sealDraft returns the sealed draft; nil when it says nothing.
func sealDraft(box *crypt.Box, id uuid.UUID, c model.SessionContent) ([]byte, error) {
	r := packDraft(c)
	if len(r) == 0 {
		return nil, nil
	}
	return box.Seal(place("sessions", "draft", id), r)
}
