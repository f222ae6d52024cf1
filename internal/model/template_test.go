package model_test

import (
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

func TestTemplatesAreJudged(t *testing.T) {
	t.Parallel()
	long := model.Text(strings.Repeat("x", model.MaxSection+1))
	plan := model.Sections{Plan: "p"}
	for _, c := range []struct {
		name string
		in   model.Template
		want []string
	}{
		{"a template", model.Template{Kind: "template", Name: "n", Sections: plan}, nil},
		{"a snippet", model.Template{Kind: "snippet", Name: "n", Text: "t", Shortcut: "a-b_1א"}, nil},
		{"a snippet without a shortcut", model.Template{Kind: "snippet", Name: "n", Text: "t"}, nil},
		{"no kind", model.Template{Name: "n"}, []string{"kind choice"}},
		{"no name", model.Template{Kind: "template", Name: " ", Sections: plan}, []string{"name required"}},
		{"nothing in it", model.Template{Kind: "template", Name: "n"}, []string{"sections empty"}},
		{"a section too long", model.Template{Kind: "template", Name: "n", Sections: model.Sections{Plan: long}}, []string{"plan too_long"}},
		{"a template with a text", model.Template{Kind: "template", Name: "n", Sections: plan, Text: "t"}, []string{"text other_kind"}},
		{"a template with a shortcut", model.Template{Kind: "template", Name: "n", Sections: plan, Shortcut: "t"}, []string{"shortcut other_kind"}},
		{"no text", model.Template{Kind: "snippet", Name: "n"}, []string{"text required"}},
		{"a text too long", model.Template{Kind: "snippet", Name: "n", Text: long}, []string{"text too_long"}},
		{"a snippet with a section", model.Template{Kind: "snippet", Name: "n", Text: "t", Sections: plan}, []string{"plan other_kind"}},
		{"a shortcut of two words", model.Template{Kind: "snippet", Name: "n", Text: "t", Shortcut: "a b"}, []string{"shortcut characters"}},
		{"a shortcut with a sign", model.Template{Kind: "snippet", Name: "n", Text: "t", Shortcut: "/a"}, []string{"shortcut characters"}},
		{"a shortcut too long", model.Template{Kind: "snippet", Name: "n", Text: "t", Shortcut: model.Text(strings.Repeat("x", 31))}, []string{"shortcut too_long"}},
	} {
		if _, err := c.in.Normalize(); !slices.Equal(fieldsOf(err), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTemplatesFitTheOthers(t *testing.T) {
	t.Parallel()
	own, other := uuid.New(), uuid.New()
	snippet := func(id uuid.UUID, shortcut model.Text) model.Template {
		return model.Template{ID: id, Kind: "snippet", Shortcut: shortcut}
	}
	full := make([]model.Template, model.MaxTemplates)
	for i := range full {
		full[i] = model.Template{ID: uuid.New(), Kind: "template"}
	}
	for _, c := range []struct {
		name   string
		in     model.Template
		others []model.Template
		code   string
	}{
		{"alone", snippet(own, "np"), nil, ""},
		{"itself", snippet(own, "NP"), []model.Template{snippet(own, "np")}, ""},
		{"taken", snippet(own, "NP"), []model.Template{snippet(other, "np")}, "name_taken"},
		{"taken in Hebrew", snippet(own, "כאב"), []model.Template{snippet(other, "כאב")}, "name_taken"},
		{"both without", snippet(own, ""), []model.Template{snippet(other, "")}, ""},
		{"another sign", snippet(own, "n-p"), []model.Template{snippet(other, "n_p")}, ""},
		{"one too many", model.Template{ID: own, Kind: "template"}, full, "invalid"},
		{"one of many", full[7], full, ""},
		{"of the other kind", snippet(own, "np"), full, ""},
	} {
		if got := model.CodeOf(c.in.Fits(c.others)); got != c.code {
			t.Errorf("%s: %q, want %q", c.name, got, c.code)
		}
	}
}
