package model_test

import (
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
)

// Whoever adds an action that only reads has to say so.
func TestLooksAreNamedAsSuch(t *testing.T) {
	t.Parallel()
	verbs := []string{
		"list", "view", "history", "export", "duplicates", "conflicts", "slots", "preview", "search", "read", "access", "checkpoints",
		"workspaces", "invitations", "activity", "metrics", "users",
	}
	looks := model.LookNames()
	for _, a := range model.Actions() {
		name := a.String()
		_, verb, _ := strings.Cut(name, ".")
		if slices.Contains(verbs, verb) != slices.Contains(looks, name) {
			t.Errorf("%s is a look: %v", name, slices.Contains(looks, name))
		}
	}
}
