package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ListTemplates returns the templates and snippets of the practice, or those
// of one kind.
func (p *Practice) ListTemplates(ctx context.Context, sc store.Scope, kind string) (all []model.Template, err error) {
	err = p.store.Read(ctx, sc, model.TemplateList, func(tx *store.ReadTx) error {
		found, err := tx.Templates()
		for _, t := range found {
			if kind == "" || t.Kind == kind {
				all = append(all, t)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return all, nil
}

// CreateTemplate adds a template or snippet. With a key, sending the same
// again answers with the one made first.
func (p *Practice) CreateTemplate(ctx context.Context, sc store.Scope, t model.Template, once model.OnceKey) (made model.Template, err error) {
	if t.ID, err = p.newID(); err != nil {
		return t, err
	}
	if sc.Role() != model.Operator {
		t.AuthorID = sc.User()
	}
	err = p.store.Write(ctx, sc, model.TemplateCreate, func(tx *store.Tx) error {
		if t, err = t.Normalize(); err != nil {
			return err
		}
		id, _, err := tx.Once(once, func() (uuid.UUID, error) {
			if err := fits(&tx.ReadTx, t); err != nil {
				return t.ID, err
			}
			return t.ID, tx.InsertTemplate(t)
		})
		if err != nil {
			return err
		}
		made, err = tx.Template(id)
		return err
	})
	if err != nil {
		return made, fmt.Errorf("create template: %w", err)
	}
	return made, nil
}

func fits(tx *store.ReadTx, t model.Template) error {
	others, err := tx.Templates()
	if err != nil {
		return err
	}
	return t.Fits(others)
}

// CheckTemplate fails with NotFound when there is no such template here.
func (p *Practice) CheckTemplate(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.Peek(ctx, sc, act, func(tx *store.ReadTx) error { return tx.HasTemplate(id) })
}

// UpdateTemplate changes a template or snippet with change, which gets it as it
// is now. When version is not 0 it must be the current one.
func (p *Practice) UpdateTemplate(ctx context.Context, sc store.Scope, id uuid.UUID, version int64, change func(*model.Template)) (t model.Template, err error) {
	err = p.store.Write(ctx, sc, model.TemplateUpdate, func(tx *store.Tx) error {
		if t, err = tx.Template(id); err != nil {
			return err
		}
		if version != 0 && version != t.Version {
			return model.Stale(t)
		}
		next := t
		change(&next)
		if next, err = next.Normalize(); err != nil || next == t {
			return err
		}
		if err := fits(&tx.ReadTx, next); err != nil {
			return err
		}
		if err := tx.UpdateTemplate(next); err != nil {
			return err
		}
		t, err = tx.Template(id)
		return err
	})
	if err != nil {
		return t, fmt.Errorf("update template: %w", err)
	}
	return t, nil
}

// DeleteTemplate removes a template or snippet. Notes that were made with it
// keep their text.
func (p *Practice) DeleteTemplate(ctx context.Context, sc store.Scope, id uuid.UUID) error {
	err := p.store.Write(ctx, sc, model.TemplateDelete, func(tx *store.Tx) error { return tx.DeleteTemplate(id) })
	if err != nil {
		return fmt.Errorf("delete template: %w", err)
	}
	return nil
}
