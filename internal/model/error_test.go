package model_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"
)

func TestKindAndCodeSurviveWrapping(t *testing.T) {
	t.Parallel()
	stale := model.Stale("now")
	other := &model.Error{Kind: model.TooMany, Code: "too_many", Detail: "Wait.", RetryAfter: time.Second}
	for _, c := range []struct {
		name string
		err  error
		kind model.Kind
		code string
	}{
		{"nothing", nil, 0, ""},
		{"a plain error", errors.New("disk"), 0, ""},
		{"a wrapped plain error", fmt.Errorf("read: %w", errors.New("disk")), 0, ""},
		{"itself", model.ErrNotFound, model.NotFound, "not_found"},
		{"wrapped once", fmt.Errorf("get client: %w", model.ErrNotFound), model.NotFound, "not_found"},
		{"wrapped three times", fmt.Errorf("a: %w", fmt.Errorf("b: %w", fmt.Errorf("c: %w", stale))), model.Conflict, "stale"},
		{"joined behind a plain one", errors.Join(errors.New("disk"), model.ErrDenied), model.Denied, "denied"},
		{"one of two wrapped", fmt.Errorf("%w (%w)", model.ErrUnauthenticated, errors.New("cookie")), model.Unauthenticated, "unauthenticated"},
		{"the first of two", errors.Join(other, model.ErrNotFound), model.TooMany, "too_many"},
		{"only mentioned, not wrapped", fmt.Errorf("%v", model.ErrNotFound), 0, ""},
	} {
		if got := model.KindOf(c.err); got != c.kind {
			t.Errorf("%s: kind %d, want %d", c.name, got, c.kind)
		}
		if got := model.CodeOf(c.err); got != c.code {
			t.Errorf("%s: code %q, want %q", c.name, got, c.code)
		}
	}
}

func TestKindsAreDistinctAndNeverZero(t *testing.T) {
	t.Parallel()
	kinds := []model.Kind{
		model.Malformed, model.Invalid, model.Unauthenticated, model.Denied, model.NotFound, model.Conflict, model.Gone,
		model.TooMany, model.TooLarge, model.Unsupported, model.Unavailable,
	}
	slices.Sort(kinds)
	if kinds[0] == 0 || len(slices.Compact(kinds)) != 11 {
		t.Fatalf("kinds %v", kinds)
	}
}

func TestErrorTextNamesFieldsAndCodes(t *testing.T) {
	t.Parallel()
	err := model.InvalidFields([]model.Field{{Name: "email", Code: "email", Message: "m"}, {Name: "phone", Code: "too_long", Message: "m"}})
	if got, want := err.Error(), "invalid: Some fields are not valid. [email email] [phone too_long]"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestInvalidFieldsOfNothingIsNoError(t *testing.T) {
	t.Parallel()
	if err := model.InvalidFields(nil); err != nil {
		t.Fatalf("got %v", err)
	}
}

func TestStaleCarriesTheCurrentRecord(t *testing.T) {
	t.Parallel()
	e, ok := errors.AsType[*model.Error](model.Stale(42))
	if !ok || e.Kind != model.Conflict || e.Code != "stale" || e.Current != 42 {
		t.Fatalf("got %+v", e)
	}
}

func TestJoinInvalid(t *testing.T) {
	t.Parallel()
	a := model.InvalidFields([]model.Field{{Name: "a", Code: "x"}})
	b := fmt.Errorf("wrapped: %w", model.InvalidFields([]model.Field{{Name: "b", Code: "y"}}))
	disk := errors.New("disk")
	if err := model.JoinInvalid(nil, nil); err != nil {
		t.Errorf("joining nothing gives %v", err)
	}
	if got := fields(model.JoinInvalid(a, nil, b)); !slices.Equal(got, []string{"a x", "b y"}) {
		t.Errorf("joined fields are %v", got)
	}
	if err := model.JoinInvalid(a, disk, b); !errors.Is(err, disk) {
		t.Errorf("another error became %v", err)
	}
	if err := model.JoinInvalid(a, model.ErrDenied); model.KindOf(err) != model.Denied {
		t.Errorf("a refusal became %v", err)
	}
}

func TestRenameField(t *testing.T) {
	t.Parallel()
	err := model.InvalidFields([]model.Field{{Name: "name", Code: "required"}, {Name: "email", Code: "email"}})
	renamed := model.RenameField(fmt.Errorf("set up: %w", err), "name", "practice_name")
	if got := fields(renamed); !slices.Equal(got, []string{"practice_name required", "email email"}) {
		t.Errorf("renamed to %v", got)
	}
	if got := fields(err); !slices.Equal(got, []string{"name required", "email email"}) {
		t.Errorf("the error itself was changed: %v", got)
	}
	disk := errors.New("disk")
	if got := model.RenameField(disk, "name", "other"); got != disk {
		t.Errorf("another error became %v", got)
	}
}

// fields lists what an Invalid error names, as "field code".
func fields(err error) []string {
	e, ok := errors.AsType[*model.Error](err)
	if !ok || e.Kind != model.Invalid {
		return nil
	}
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Name+" "+f.Code)
	}
	return all
}
