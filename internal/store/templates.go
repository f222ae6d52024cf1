package store

import (
	"errors"
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Field numbers of a template; the first four are those of a note's sections.
const (
	templateName byte = iota + 5
	templateText
	templateShortcut
)

func packTemplate(t model.Template) record {
	r := packSections(t.Sections, len(t.Name)+len(t.Text)+len(t.Shortcut)+64)
	r.put(templateName, t.Name)
	r.put(templateText, t.Text)
	r.put(templateShortcut, t.Shortcut)
	return r
}

func unpackTemplate(r record, t *model.Template) error {
	return r.each(func(field byte, v model.Text) {
		switch field {
		case noteSubjective:
			t.Subjective = v
		case noteObjective:
			t.Objective = v
		case noteAssessment:
			t.Assessment = v
		case notePlan:
			t.Plan = v
		case templateName:
			t.Name = v
		case templateText:
			t.Text = v
		case templateShortcut:
			t.Shortcut = v
		}
	})
}

const templatesSQL = `select id, kind, content, author_id, version, created_at, updated_at from note_templates where workspace_id = $1`

// Templates returns the templates and snippets of the practice in their order.
// There are few: model.MaxTemplates of each kind.
func (tx *ReadTx) Templates() ([]model.Template, error) {
	r, err := tx.query(templatesSQL)
	all, err := collect(r, err, tx.scanTemplate)
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	tx.count = int64(len(all))
	model.SortTemplates(all)
	return all, nil
}

func (tx *ReadTx) scanTemplate(r rows) (t model.Template, err error) {
	var sealed []byte
	if err := r.Scan(&t.ID, &t.Kind, &sealed, &t.AuthorID, &t.Version, &t.CreatedAt, &t.UpdatedAt); err != nil {
		return t, fmt.Errorf("scan template: %w", err)
	}
	raw, err := tx.box.Open(place("note_templates", "content", t.ID), sealed)
	if err != nil {
		return t, err
	}
	return t, unpackTemplate(raw, &t)
}

const oneTemplateSQL = templatesSQL + ` and id = $2`

// Template returns one template or snippet; the error is NotFound.
func (tx *ReadTx) Template(id uuid.UUID) (model.Template, error) {
	tx.subject = id
	r, err := tx.query(oneTemplateSQL, id)
	found, err := collect(r, err, tx.scanTemplate)
	if err != nil {
		return model.Template{}, fmt.Errorf("template: %w", err)
	}
	if len(found) == 0 {
		return model.Template{}, model.ErrNotFound
	}
	return found[0], nil
}

const hasTemplateSQL = `select version from note_templates where workspace_id = $1 and id = $2`

// HasTemplate fails with NotFound when there is no such template here.
func (tx *ReadTx) HasTemplate(id uuid.UUID) error {
	tx.subject = id
	var version int64
	r, err := tx.query(hasTemplateSQL, id)
	return missing(one(r, err, &version))
}

const insertTemplateSQL = `insert into note_templates
	(workspace_id, id, kind, content, author_id, version, created_at, updated_at) values ($1, $2, $3, $4, $5, 1, $6, $6)`

// InsertTemplate adds a template or snippet.
func (tx *Tx) InsertTemplate(t model.Template) error {
	content, err := tx.box.Seal(place("note_templates", "content", t.ID), packTemplate(t))
	if err != nil {
		return err
	}
	if _, err := tx.exec(insertTemplateSQL, t.ID, t.Kind, content, t.AuthorID, tx.now); err != nil {
		return fmt.Errorf("insert template: %w", tx.store.refusal(err))
	}
	tx.subject, tx.count = t.ID, 1
	return nil
}

const updateTemplateSQL = `update note_templates set content = $3, updated_at = $4, version = version + 1
	where workspace_id = $1 and id = $2 and version = $5 returning version`

// UpdateTemplate stores the texts over the version they carry.
func (tx *Tx) UpdateTemplate(t model.Template) error {
	content, err := tx.box.Seal(place("note_templates", "content", t.ID), packTemplate(t))
	if err != nil {
		return err
	}
	r, err := tx.query(updateTemplateSQL, t.ID, content, tx.now, t.Version)
	switch err := one(r, err, &t.Version); {
	case errors.Is(err, errNoRow):
		return fmt.Errorf("update template: %w", model.Stale(nil))
	case err != nil:
		return fmt.Errorf("update template: %w", err)
	}
	tx.subject, tx.count = t.ID, 1
	return nil
}

const deleteTemplateSQL = `delete from note_templates where workspace_id = $1 and id = $2`

// DeleteTemplate removes a template or snippet; the error is NotFound.
func (tx *Tx) DeleteTemplate(id uuid.UUID) error {
	tx.subject = id
	n, err := tx.exec(deleteTemplateSQL, id)
	if err != nil {
		return fmt.Errorf("delete template: %w", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	tx.count = 1
	return nil
}
