package model_test

import (
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
)

// What an operator did is found under exactly one kind.
func TestEveryStepOfAnOperatorHasOneKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]int{}
	for _, kind := range []string{"practice", "invitation", "blacklist", "operator", "sign_in", "server"} {
		for _, name := range (model.ActivityFilter{Kind: kind}).Actions() {
			kinds[name]++
		}
	}
	for _, a := range model.Actions() {
		name := a.String()
		family, _, _ := strings.Cut(name, ".")
		if slices.Contains([]string{"platform", "blacklist", "admin", "sign_in", "sign_out", "step_up", "factor", "keys"}, family) && kinds[name] != 1 {
			t.Errorf("%s is of %d kinds", name, kinds[name])
		}
	}
}
