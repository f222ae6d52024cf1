package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

// template makes a template or snippet.
func (p *pen) template(body obj) obj {
	p.T.Helper()
	return p.Ask(http.MethodPost, "/note-templates", p.h, body).Want(p.Kit, 201).Map(p.Kit)
}

func (p *pen) changeTemplate(t, body obj) *testkit.Response {
	p.T.Helper()
	return p.Ask(http.MethodPut, "/note-templates/"+t["id"].(string), p.h, body)
}

func TestTemplatesEchoEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, body := range []obj{
			{"kind": "template", "name": "First visit", "subjective": "S", "objective": "O", "assessment": "A", "plan": "P"},
			{"kind": "template", "name": "ביקור", "plan": "P"},
			{"kind": "snippet", "name": "No pain", "text": "No pain\nat rest", "shortcut": "np-1_א"},
			{"kind": "snippet", "name": "Plain", "text": "x"},
		} {
			made := p.template(body)
			want := obj{"subjective": nil, "objective": nil, "assessment": nil, "plan": nil, "text": nil, "shortcut": nil, "version": 1, "author_id": k.User1.ID.String(), "created_at": p.ago(0), "updated_at": p.ago(0)}
			for f, v := range body {
				want[f] = v
			}
			same(k, made, want)
		}
	})
}

func TestTemplatesAreSortedAndFiltered(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, name := range []string{"beta", "Álpha", "gamma", "Beta"} {
			p.template(obj{"kind": "template", "name": name, "plan": "x"})
			p.template(obj{"kind": "snippet", "name": name + " s", "text": "x"})
		}
		names := func(query string) (all []string) {
			for _, x := range k.Ask(http.MethodGet, "/note-templates"+query, p.h, nil).Want(k, 200).List(k) {
				all = append(all, x["name"].(string))
			}
			return all
		}
		templates, snippets := []string{"Álpha", "beta", "Beta", "gamma"}, []string{"Álpha s", "beta s", "Beta s", "gamma s"}
		for query, want := range map[string][]string{"?kind=template": templates, "?kind=snippet": snippets, "": append(slices.Clone(templates), snippets...)} {
			if got := names(query); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		k.Ask(http.MethodGet, "/note-templates?kind=other", p.h, nil).WantCode(k, 422, "invalid")
		if got := k.Ask(http.MethodGet, "/note-templates", as(k, k.User2).h, nil).Want(k, 200); string(got.Body) != "[]\n" {
			t.Errorf("another practice has %s", got.Body)
		}
	})
}

func TestTemplatesRefuse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		long := strings.Repeat("x", 10_001)
		for _, c := range []struct {
			body obj
			want string
		}{
			{obj{"kind": "other", "name": "x", "plan": "x"}, "body.kind choice"},
			{obj{"name": "x", "plan": "x"}, "body.kind choice"},
			{obj{"kind": "template", "plan": "x"}, "body.name required"},
			{obj{"kind": "template", "name": " ", "plan": "x"}, "body.name required"},
			{obj{"kind": "template", "name": strings.Repeat("x", 256), "plan": "x"}, "body.name too_long"},
			{obj{"kind": "template", "name": "x"}, "body.sections empty"},
			{obj{"kind": "template", "name": "x", "plan": " \n"}, "body.sections empty"},
			{obj{"kind": "template", "name": "x", "plan": long}, "body.plan too_long"},
			{obj{"kind": "template", "name": "x", "plan": "x", "text": "x"}, "body.text other_kind"},
			{obj{"kind": "template", "name": "x", "plan": "x", "shortcut": "x"}, "body.shortcut other_kind"},
			{obj{"kind": "snippet", "name": "x"}, "body.text required"},
			{obj{"kind": "snippet", "name": "x", "text": long}, "body.text too_long"},
			{obj{"kind": "snippet", "name": "x", "text": "x", "plan": "x"}, "body.plan other_kind"},
			{obj{"kind": "snippet", "name": "x", "text": "x", "shortcut": "a b"}, "body.shortcut characters"},
			{obj{"kind": "snippet", "name": "x", "text": "x", "shortcut": "a/b"}, "body.shortcut characters"},
			{obj{"kind": "snippet", "name": "x", "text": "x", "shortcut": strings.Repeat("x", 31)}, "body.shortcut too_long"},
		} {
			if got := wrong(k, k.Ask(http.MethodPost, "/note-templates", p.h, c.body)); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%v: %q, want %s", c.body, got, c.want)
			}
		}
		if n := k.DB.Count("select count(*) from note_templates"); n != 0 {
			t.Errorf("%d are stored", n)
		}
	})
}

func TestShortcutsAreUnique(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		first := p.template(obj{"kind": "snippet", "name": "x", "text": "x", "shortcut": "Np"})
		k.Ask(http.MethodPost, "/note-templates", p.h, obj{"kind": "snippet", "name": "y", "text": "y", "shortcut": "nP"}).WantCode(k, 409, "name_taken")
		second := p.template(obj{"kind": "snippet", "name": "x", "text": "y", "shortcut": "n-p"})
		p.changeTemplate(second, obj{"shortcut": "NP"}).WantCode(k, 409, "name_taken")
		p.changeTemplate(first, obj{"shortcut": "np", "text": "z"}).Want(k, 200)
		p.changeTemplate(first, obj{"shortcut": nil}).Want(k, 200)
		same(k, p.changeTemplate(second, obj{"shortcut": "NP"}).Want(k, 200).Map(k), obj{"shortcut": "NP"})
		as(k, k.User2).template(obj{"kind": "snippet", "name": "x", "text": "x", "shortcut": "np"})
	})
}

func TestTemplateChanges(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		made := p.template(obj{"kind": "template", "name": "First", "subjective": "S", "plan": "P"})
		same(k, p.changeTemplate(made, obj{}).Want(k, 200).Map(k), made)
		got := p.changeTemplate(made, obj{"name": "Second", "subjective": nil, "version": 1}).Want(k, 200).Map(k)
		same(k, got, obj{"name": "Second", "subjective": nil, "plan": "P", "version": 2})
		stale := p.changeTemplate(made, obj{"plan": "Q", "version": 1}).WantCode(k, 409, "stale").Map(k)
		same(k, stale["current"].(obj), got)
		if got := wrong(k, p.changeTemplate(made, obj{"plan": nil})); !slices.Equal(got, []string{"body.sections empty"}) {
			t.Errorf("emptied: %q", got)
		}
		if got := wrong(k, p.changeTemplate(made, obj{"kind": "snippet"})); !slices.Equal(got, []string{"body.unknown unknown_field"}) {
			t.Errorf("another kind: %q", got)
		}
		colleague := as(k, k.Practitioner1) // templates are the practice's
		same(k, colleague.changeTemplate(made, obj{"plan": "R"}).Want(k, 200).Map(k), obj{"plan": "R", "author_id": k.User1.ID.String()})
	})
}

func TestTemplateDelete(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		made := p.template(obj{"kind": "template", "name": "First", "plan": "P"})
		path := fmt.Sprint("/note-templates/", made["id"])
		k.Ask(http.MethodDelete, path, as(k, k.User2).h, nil).WantCode(k, 404, "not_found")
		k.Ask(http.MethodDelete, path, p.h, nil).Want(k, 204)
		k.Ask(http.MethodDelete, path, p.h, nil).WantCode(k, 404, "not_found")
		k.Ask(http.MethodPut, path, p.h, "{").WantCode(k, 404, "not_found")
		if n := k.DB.Count("select count(*) from note_templates"); n != 0 {
			t.Errorf("%d are stored", n)
		}
	})
}

func TestTemplateOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		h := p.h.Clone()
		h.Set("Idempotency-Key", "1")
		body := obj{"kind": "snippet", "name": "x", "text": "x", "shortcut": "x"}
		first := k.Ask(http.MethodPost, "/note-templates", h, body).Want(k, 201).Map(k)
		same(k, k.Ask(http.MethodPost, "/note-templates", h, body).Want(k, 201).Map(k), first)
	})
}

func TestTwoHundredTemplatesOfAKind(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		first := p.template(obj{"kind": "template", "name": "x", "plan": "x"})
		for range 199 {
			k.Do(http.MethodPost, "/note-templates", p.h, obj{"kind": "template", "name": "x", "plan": "x"}).Want(k, 201)
		}
		if got := wrong(k, k.Ask(http.MethodPost, "/note-templates", p.h, obj{"kind": "template", "name": "x", "plan": "x"})); !slices.Equal(got, []string{"body.kind too_many"}) {
			t.Errorf("the next one: %q", got)
		}
		p.template(obj{"kind": "snippet", "name": "x", "text": "x"})
		p.changeTemplate(first, obj{"plan": "y"}).Want(k, 200)
	})
}
