package model_test

import (
	"errors"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

func service(name model.Text) model.Service { return model.Service{ID: uuid.New(), Name: name} }

func TestNamesThatAreOneToPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		a, b model.Text
		same bool
	}{
		{"equal", "Massage", "Massage", true},
		{"case", "Deep Tissue", "dEEP tISSUE", true},
		{"Greek capitals", "ΟΔΟΣ", "οδοσ", true},
		{"space around", "  Massage ", "Massage", true},
		{"space inside", "Deep  \u00a0 Tissue", "Deep Tissue", true},
		{"line break", "Deep\nTissue", "Deep Tissue", true},
		{"accents", "Café", "cafe", true},
		{"composed and not", "Café", "Cafe\u0301", true},
		{"niqqud", "עִסּוּי", "עסוי", true},
		{"invisible mark of direction", "עיסוי\u200f", "עיסוי", true},
		{"full width", "Ｍassage", "massage", true},
		{"no space", "DeepTissue", "Deep Tissue", false},
		{"a sign", "Massage", "Massage +", false},
		{"another sign", "Massage (60)", "Massage 60", false},
		{"two pictures", "💆", "🧘", false},
		{"one letter more", "עיסוי", "עסוי", false},
		{"Hebrew final letter", "שלום", "שלומ", false},
		{"a digit", "Room 1", "Room 2", false},
	} {
		if got := model.NameKey(c.a) == model.NameKey(c.b); got != c.same {
			t.Errorf("%s: the same is %v, want %v", c.what, got, c.same)
		}
		err := model.FreeName(service(c.a), []model.Service{service("Other"), service(c.b)})
		if taken := model.CodeOf(err) == "name_taken"; taken != c.same {
			t.Errorf("%s: refused with %v", c.what, err)
		}
	}
}

func TestANameIsFreeForItself(t *testing.T) {
	t.Parallel()
	one, now := service("Massage"), time.Now()
	all := []model.Service{service("Other"), one}
	one.Name = "MASSAGE"
	if err := model.FreeName(one, all); err != nil {
		t.Errorf("renamed to itself: %v", err)
	}
	one.ArchivedAt, all[1].ArchivedAt = &now, &now
	if err := model.FreeName(one, all); err != nil {
		t.Errorf("archived, renamed to itself: %v", err)
	}
	if err := model.FreeName(one, nil); err != nil {
		t.Errorf("the first one: %v", err)
	}
}

func TestATakenNameTellsByWhom(t *testing.T) {
	t.Parallel()
	now := time.Now()
	gone := model.Location{ID: uuid.New(), Name: "Room", ArchivedAt: &now}
	err := model.FreeName(model.Location{ID: uuid.New(), Name: "room"}, []model.Location{gone})
	e, ok := errors.AsType[*model.Error](err)
	if !ok || e.Kind != model.Conflict || e.Code != "name_archived" || e.Current.(model.Location).ID != gone.ID {
		t.Errorf("archived: %v", err)
	}
	gone.ArchivedAt = nil
	err = model.FreeName(model.Location{ID: uuid.New(), Name: "room"}, []model.Location{gone})
	if e, ok := errors.AsType[*model.Error](err); !ok || e.Code != "name_taken" || e.Current.(model.Location).ID != gone.ID {
		t.Errorf("active: %v", err)
	}
}

func TestEntryFilterSelects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filter       model.EntryFilter
		active, gone bool
	}{
		{model.EntryFilter{Status: "active"}, true, false},
		{model.EntryFilter{Status: "archived"}, false, true},
		{model.EntryFilter{Status: "all"}, true, true},
		{model.EntryFilter{}, true, false},
		{model.EntryFilter{Status: "active", Type: "home"}, true, false},
		{model.EntryFilter{Status: "active", Type: "clinic"}, false, false},
		{model.EntryFilter{Status: "all", Type: "clinic"}, false, false},
	} {
		active, gone := model.Entry{Type: "home"}, model.Entry{Type: "home", Archived: true}
		if c.filter.Has(active) != c.active || c.filter.Has(gone) != c.gone {
			t.Errorf("%q %q: %v and %v", c.filter.Status, c.filter.Type, c.filter.Has(active), c.filter.Has(gone))
		}
	}
}

func TestShelved(t *testing.T) {
	t.Parallel()
	now, before := time.Now(), time.Now().Add(-time.Hour)
	if got := model.Shelved(&before, true, now); got != nil {
		t.Errorf("brought back: archived at %v", got)
	}
	if got := model.Shelved(nil, true, now); got != nil {
		t.Errorf("stays active: archived at %v", got)
	}
	if got := model.Shelved(nil, false, now); got == nil || !got.Equal(now) {
		t.Errorf("archived at %v, want now", got)
	}
	if got := model.Shelved(&before, false, now); got == nil || !got.Equal(before) {
		t.Errorf("archived again: since %v, want as before", got)
	}
}
