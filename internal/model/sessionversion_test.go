package model_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

func someVersion() model.SessionVersion {
	s := model.Session{
		ID: uuid.MustParse("30000000-0000-0000-0000-000000000001"), ClientID: uuid.MustParse("20000000-0000-0000-0000-000000000001"),
		Versions: 1, SessionContent: model.SessionContent{
			Sections: model.Sections{Subjective: "כאב\n😀", Plan: "Rest"}, SessionDate: noon.Add(-time.Hour + 250*time.Millisecond), Minutes: minutes(50),
			Copied: []model.CopiedLines{{Section: "plan", From: uuid.MustParse("30000000-0000-0000-0000-000000000009"), Lines: []int{1, 12}}},
		},
	}
	return s.Sign(uuid.MustParse("10000000-0000-0000-0000-000000000001"), "A slip", noon)
}

// These bytes and this hash are in records that must be provable for decades.
func TestCanonicalNoteNeverChanges(t *testing.T) {
	t.Parallel()
	v := someVersion()
	want := strings.Join([]string{
		"14:pazpaz note v1", "36:30000000-0000-0000-0000-000000000001", "1:2", "36:20000000-0000-0000-0000-000000000001",
		"36:10000000-0000-0000-0000-000000000001", "20:2026-02-02T12:00:00Z", "23:2026-02-02T11:00:00.25Z", "2:50",
		"11:כאב\n😀", "0:", "0:", "4:Rest", "6:A slip", "46:plan 30000000-0000-0000-0000-000000000009 1,12", "",
	}, "\n")
	if got := string(v.Canonical()); got != want {
		t.Errorf("canonical is\n%q, want\n%q", got, want)
	}
	if sum := sha256.Sum256([]byte(want)); fmt.Sprintf("%x", sum) != hex.EncodeToString(v.Hash) || !v.Intact() {
		t.Errorf("hash %x", v.Hash)
	}
	if got := hex.EncodeToString(v.Hash); got != "ea1c5dd8dc3c2b7bb5483010d5c3270d3381f044374b844c4cda03b14977fbee" {
		t.Errorf("hash %s", got)
	}
}

// Nothing can be moved from one field to the next, or left out.
func TestEveryFieldIsInTheHash(t *testing.T) {
	t.Parallel()
	other := uuid.New()
	seen := map[string]string{hex.EncodeToString(someVersion().Sum()): "nothing"}
	for name, change := range map[string]func(*model.SessionVersion){
		"session": func(v *model.SessionVersion) { v.SessionID = other }, "client": func(v *model.SessionVersion) { v.ClientID = other },
		"author": func(v *model.SessionVersion) { v.AuthorID = other }, "number": func(v *model.SessionVersion) { v.Number = 3 },
		"signed": func(v *model.SessionVersion) { v.SignedAt = noon.Add(time.Microsecond) }, "date": func(v *model.SessionVersion) { v.SessionDate = noon },
		"no minutes": func(v *model.SessionVersion) { v.Minutes = nil }, "zero minutes": func(v *model.SessionVersion) { v.Minutes = minutes(0) },
		"subjective": func(v *model.SessionVersion) { v.Subjective += " " }, "objective": func(v *model.SessionVersion) { v.Objective = "0:" },
		"assessment": func(v *model.SessionVersion) { v.Assessment = "0:" }, "plan": func(v *model.SessionVersion) { v.Plan = "Rest\n6:A slip" },
		"reason": func(v *model.SessionVersion) { v.Reason = "" }, "no marks": func(v *model.SessionVersion) { v.Copied = nil },
		"swapped":      func(v *model.SessionVersion) { v.Subjective, v.Plan = v.Plan, v.Subjective },
		"another mark": func(v *model.SessionVersion) { v.Copied[0].Lines = []int{1, 2} },
		"marked there": func(v *model.SessionVersion) { v.Copied[0].Section = "objective" },
		"from there":   func(v *model.SessionVersion) { v.Copied[0].From = other },
	} {
		v := someVersion()
		change(&v)
		sum := hex.EncodeToString(v.Sum())
		if before := seen[sum]; before != "" {
			t.Errorf("%s hashes like %s", name, before)
		}
		if seen[sum] = name; v.Intact() {
			t.Errorf("%s: still intact", name)
		}
	}
}
