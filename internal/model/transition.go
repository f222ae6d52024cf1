package model

import "time"

const (
	// attendSlack is how long before its start a visit can be marked attended.
	attendSlack = 15 * time.Minute
	// unattendWithin is how long a visit that was marked attended, or marked
	// otherwise after it was over, can become scheduled again.
	unattendWithin = 24 * time.Hour
)

// Refusals of a change of status.
var (
	ErrTooEarly   = &Error{Kind: Conflict, Code: "too_early", Detail: "This appointment has not begun."}
	ErrHasNote    = &Error{Kind: Conflict, Code: "has_note", Detail: "A session note is linked to this appointment."}
	errHasSigned  = &Error{Kind: Conflict, Code: "has_signed_note", Detail: "A signed session note is linked to this appointment."}
	errLongDone   = &Error{Kind: Conflict, Code: "attended_long_ago", Detail: "This visit was marked more than a day ago. For data integrity it is not planned again."}
	errNoSuchWord = InvalidFields([]Field{{"status", "choice", "Must be scheduled, attended, cancelled or no_show."}})
)

// To is the one transition of an appointment's status, whatever path it takes.
// note is its active note, or nil. The error is a Conflict. Whoever calls it
// checks for overlaps when the result blocks and the appointment did not.
func (a Appointment) To(status string, note *NoteState, now time.Time) (Appointment, error) {
	if status == a.Status {
		return a, nil
	}
	if err := a.refuses(status, note, now); err != nil {
		return a, err
	}
	if a.Status == Cancelled {
		a.CancelReason = ""
	}
	// The age of "attended" outlives a change to no-show and back.
	if a.Status != Attended || now.Sub(a.StatusAt) <= unattendWithin {
		a.StatusAt = now
	}
	a.Status = status
	return a, nil
}

func (a Appointment) refuses(status string, note *NoteState, now time.Time) error {
	signed := note != nil && note.Status == SessionSigned
	switch status {
	case Attended:
		if a.StartsAt.After(now.Add(attendSlack)) {
			return ErrTooEarly
		}
	case Cancelled:
		if note != nil {
			return ErrHasNote
		}
	case NoShow:
		if signed {
			return errHasSigned
		}
	case Scheduled:
		if signed {
			return errHasSigned
		}
		if (a.Status == Attended || a.EndsAt.Before(now)) && now.Sub(a.StatusAt) > unattendWithin {
			return errLongDone
		}
	default:
		return errNoSuchWord
	}
	return nil
}

// CanBeAttended reports whether a visit may be marked attended at that time.
func (a Appointment) CanBeAttended(now time.Time) bool {
	return !a.StartsAt.After(now.Add(attendSlack))
}
