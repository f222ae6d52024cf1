package model_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

var (
	draftNote  = &model.NoteState{ID: uuid.UUID{1}, Status: model.SessionDraft}
	signedNote = &model.NoteState{ID: uuid.UUID{1}, Status: model.SessionSigned}
)

// visit has begun an hour ago and got its status then.
func visit(status string) model.Appointment {
	return model.Appointment{Status: status, StartsAt: today.Add(-time.Hour), EndsAt: today, StatusAt: today.Add(-time.Hour), Version: 3}
}

// transitions says for each change of status what an appointment answers that
// has no note, a draft, a signed note: "" is yes.
var transitions = map[string][3]string{
	"scheduled attended":  {"", "", ""},
	"scheduled cancelled": {"", "has_note", "has_note"},
	"scheduled no_show":   {"", "", "has_signed_note"},
	"attended scheduled":  {"", "", "has_signed_note"},
	"attended cancelled":  {"", "has_note", "has_note"},
	"attended no_show":    {"", "", "has_signed_note"},
	"cancelled scheduled": {"", "", "has_signed_note"},
	"cancelled attended":  {"", "", ""},
	"cancelled no_show":   {"", "", "has_signed_note"},
	"no_show scheduled":   {"", "", "has_signed_note"},
	"no_show attended":    {"", "", ""},
	"no_show cancelled":   {"", "has_note", "has_note"},
}

func TestEveryChangeOfStatus(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, from := range model.AppointmentStatuses {
		for _, to := range model.AppointmentStatuses {
			for i, note := range []*model.NoteState{nil, draftNote, signedNote} {
				want := transitions[from+" "+to][i] // staying is always allowed
				before := visit(from)
				got, err := before.To(to, note, today)
				tried++
				switch {
				case model.CodeOf(err) != want || (err != nil && model.KindOf(err) != model.Conflict):
					t.Errorf("%s to %s with note %d: %v, want %q", from, to, i, err, want)
				case err != nil && fmt.Sprint(got) != fmt.Sprint(before):
					t.Errorf("%s to %s with note %d: refused, yet changed", from, to, i)
				case err == nil && got.Status != to:
					t.Errorf("%s to %s with note %d: is %s", from, to, i, got.Status)
				}
			}
		}
	}
	if tried != 48 || len(transitions) != 12 {
		t.Fatalf("tried %d of %d", tried, len(transitions))
	}
}

func TestTimeOfTheStatusIsThatOfTheChange(t *testing.T) {
	t.Parallel()
	same, err := visit(model.Attended).To(model.Attended, signedNote, today)
	if err != nil || !same.StatusAt.Equal(today.Add(-time.Hour)) {
		t.Errorf("staying: %v, since %v", err, same.StatusAt)
	}
	other, err := visit(model.Scheduled).To(model.NoShow, nil, today)
	if err != nil || !other.StatusAt.Equal(today) {
		t.Errorf("changing: %v, since %v", err, other.StatusAt)
	}
}

func TestVisitCanBeAttendedFromAQuarterOfAnHourBefore(t *testing.T) {
	t.Parallel()
	for before, want := range map[time.Duration]string{
		-1000 * time.Hour: "", 0: "", 15 * time.Minute: "", 15*time.Minute + time.Microsecond: "too_early", 24 * time.Hour: "too_early",
	} {
		for _, from := range []string{model.Scheduled, model.Cancelled, model.NoShow} {
			a := visit(from)
			a.StartsAt = today.Add(before)
			if _, err := a.To(model.Attended, nil, today); model.CodeOf(err) != want {
				t.Errorf("%v before the start, %s: %v, want %q", before, from, err, want)
			}
			if a.CanBeAttended(today) != (want == "") {
				t.Errorf("%v before the start: CanBeAttended says otherwise than To", before)
			}
		}
	}
}

func TestAttendedVisitCanBeScheduledAgainForADay(t *testing.T) {
	t.Parallel()
	for ago, want := range map[time.Duration]string{
		0: "", time.Hour: "", 24 * time.Hour: "", 24*time.Hour + time.Microsecond: "attended_long_ago", 9000 * time.Hour: "attended_long_ago",
	} {
		a := visit(model.Attended)
		a.StatusAt = today.Add(-ago)
		_, err := a.To(model.Scheduled, nil, today)
		if model.CodeOf(err) != want {
			t.Errorf("after %v: %v, want %q", ago, err, want)
		}
		if e, ok := errors.AsType[*model.Error](err); ok && !strings.Contains(e.Detail, "data integrity") {
			t.Errorf("the refusal says %q", e.Detail)
		}
		for _, other := range []string{model.Cancelled, model.NoShow} {
			if _, err := a.To(other, nil, today); err != nil {
				t.Errorf("after %v to %s: %v", ago, other, err)
			}
		}
	}
	for _, from := range []string{model.Cancelled, model.NoShow} {
		a := visit(from)
		a.StatusAt = today.Add(-9000 * time.Hour)
		if _, err := a.To(model.Scheduled, nil, today); err != nil {
			t.Errorf("%s long ago: %v", from, err)
		}
	}
}

func TestReasonOfACancellationGoesWithIt(t *testing.T) {
	t.Parallel()
	for _, to := range []string{model.Scheduled, model.Attended, model.NoShow} {
		a := visit(model.Cancelled)
		a.CancelReason, a.Notes = "ill", "by the window"
		a, err := a.To(to, nil, today)
		if err != nil || a.CancelReason != "" || a.Notes != "by the window" {
			t.Errorf("to %s: %v, reason %q", to, err, string(a.CancelReason))
		}
	}
	a := visit(model.Scheduled)
	a.CancelReason = "ill"
	if a, err := a.To(model.Cancelled, nil, today); err != nil || a.CancelReason != "ill" {
		t.Errorf("cancelling: %v, reason %q", err, string(a.CancelReason))
	}
}

func TestUnknownStatusIsRefused(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"", "done", "Attended", "deleted"} {
		_, err := visit(model.Scheduled).To(status, nil, today)
		if got := strings.Join(fields(err), ","); model.KindOf(err) != model.Invalid || got != "status choice" {
			t.Errorf("%q: %v", status, err)
		}
	}
}

func TestRefusalsNameTheNote(t *testing.T) {
	t.Parallel()
	for to, note := range map[string]*model.NoteState{model.Cancelled: draftNote, model.NoShow: signedNote, model.Scheduled: signedNote} {
		_, err := visit(model.Attended).To(to, note, today)
		if e, ok := errors.AsType[*model.Error](err); !ok || !strings.Contains(e.Detail, "session note") {
			t.Errorf("to %s: %v", to, err)
		}
	}
}

// The age of "attended" cannot be lost on the way.
func TestNoDetourBackToScheduled(t *testing.T) {
	t.Parallel()
	for _, by := range []string{model.NoShow, model.Cancelled} {
		a := model.Appointment{
			Status: model.Attended, StatusAt: today.Add(-49 * time.Hour), StartsAt: today.Add(-50 * time.Hour), EndsAt: today.Add(-49 * time.Hour),
		}
		a, err := a.To(by, nil, today)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.To(model.Scheduled, nil, today); model.CodeOf(err) != "attended_long_ago" {
			t.Errorf("by way of %s: %v", by, err)
		}
		fresh := model.Appointment{Status: model.Attended, StatusAt: today.Add(-time.Hour), StartsAt: a.StartsAt, EndsAt: a.EndsAt}
		if fresh, err = fresh.To(by, nil, today); err != nil {
			t.Fatal(err)
		}
		if _, err := fresh.To(model.Scheduled, nil, today); err != nil {
			t.Errorf("a slip of an hour ago, by way of %s: %v", by, err)
		}
	}
}
