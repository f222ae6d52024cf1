package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// NoteTemplate is a template or a snippet.
type NoteTemplate struct {
	Sections

	ID        string    `json:"id" format:"uuid"`
	Kind      string    `json:"kind" enum:"template,snippet"`
	Name      string    `json:"name"`
	Text      *string   `json:"text" doc:"Of a snippet; a template has sections."`
	Shortcut  *string   `json:"shortcut" doc:"What puts a snippet in while writing."`
	AuthorID  string    `json:"author_id" format:"uuid"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func templateOf(t *model.Template) NoteTemplate {
	return NoteTemplate{
		Sections: sectionsOf(t.Sections), ID: t.ID.String(), Kind: t.Kind, Name: string(t.Name), Text: nullable(t.Text),
		Shortcut: nullable(t.Shortcut), AuthorID: t.AuthorID.String(), Version: t.Version, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
	}
}

type listTemplatesIn struct {
	Kind string `query:"kind" enum:"template,snippet" doc:"Left out: templates, then snippets."`
}

type listTemplatesOut struct{ Body []NoteTemplate }

func (a *API) listTemplates(ctx context.Context, sc store.Scope, in *listTemplatesIn) (*listTemplatesOut, error) {
	all, err := a.o.Practice.ListTemplates(ctx, sc, in.Kind)
	out := &listTemplatesOut{make([]NoteTemplate, len(all))}
	for i := range all {
		out.Body[i] = templateOf(&all[i])
	}
	return out, err
}

// TemplateTexts are what a template or a snippet can say.
type TemplateTexts struct {
	SectionsIn
	Text     optional[string] `json:"text,omitempty" maxLength:"10000" doc:"Of a snippet."`
	Shortcut optional[string] `json:"shortcut,omitempty" maxLength:"30" doc:"Of a snippet: letters, digits, - and _. No other snippet has it, whatever its case."`
}

func (in TemplateTexts) apply(t *model.Template) {
	in.SectionsIn.apply(&t.Sections)
	set(in.Text, &t.Text)
	set(in.Shortcut, &t.Shortcut)
}

type templateIn struct {
	Kind string `json:"kind" enum:"template,snippet"`
	Name string `json:"name" minLength:"1" maxLength:"255"`
	TemplateTexts
}

type createTemplateIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the one made first."`
}

type templateOut struct{ Body NoteTemplate }

type createTemplateOut struct {
	Location string `header:"Location"`
	Body     NoteTemplate
}

func (a *API) createTemplate(ctx context.Context, sc store.Scope, in *createTemplateIn) (*createTemplateOut, error) {
	var b templateIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	t := model.Template{Kind: b.Kind, Name: model.Text(b.Name)}
	b.apply(&t)
	t, err = a.o.Practice.CreateTemplate(ctx, sc, t, model.OnceKey{Route: "POST /note-templates", Key: in.Key, Body: raw})
	if err != nil {
		return nil, err
	}
	return &createTemplateOut{Base + "/note-templates/" + t.ID.String(), templateOf(&t)}, nil
}

type templateChange struct {
	Name optional[string] `json:"name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	TemplateTexts
	Version int64 `json:"version,omitempty" doc:"The version you saw; a stale one answers 409 with the current template."`
}

func (in templateChange) apply(t *model.Template) {
	set(in.Name, &t.Name)
	in.TemplateTexts.apply(t)
}

func (a *API) updateTemplate(ctx context.Context, sc store.Scope, in *updateEntryIn) (*templateOut, error) {
	if err := a.o.Practice.CheckTemplate(ctx, sc, model.TemplateUpdate, in.id()); err != nil {
		return nil, err
	}
	var b templateChange
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err != nil {
		return nil, err
	}
	t, err := a.o.Practice.UpdateTemplate(ctx, sc, in.id(), version, b.apply)
	if err != nil {
		return nil, err
	}
	return &templateOut{templateOf(&t)}, nil
}

func (a *API) deleteTemplate(ctx context.Context, sc store.Scope, in *EntryPath) (*none, error) {
	return nil, a.o.Practice.DeleteTemplate(ctx, sc, in.id())
}
