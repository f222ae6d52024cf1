package model_test

import (
	"testing"

	"pazpaz/internal/model"
)

func TestAFeedHasOneOfThreePrivacies(t *testing.T) {
	t.Parallel()
	for privacy, good := range map[string]bool{
		"busy": true, "initials": true, "first_name": true,
		"": false, "Busy": false, "busy ": false, "full_name": false, "initials,first_name": false,
	} {
		f, err := model.Feed{Privacy: privacy}.Normalize()
		if good && (err != nil || f.Privacy != privacy) {
			t.Errorf("%q: %+v, %v", privacy, f, err)
		}
		if !good && (model.KindOf(err) != model.Invalid || err.Error() != "invalid: Some fields are not valid. [privacy choice]") {
			t.Errorf("%q is accepted, or refused in other words: %v", privacy, err)
		}
	}
}
