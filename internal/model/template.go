package model

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
)

// The kinds of template.
const (
	// NoteTemplate fills the sections of a new note.
	NoteTemplate = "template"
	// Snippet is a phrase that is put in while writing.
	Snippet = "snippet"
)

// TemplateKinds are all of them.
var TemplateKinds = []string{NoteTemplate, Snippet}

// Limits of templates.
const (
	// MaxTemplates is how many of each kind a practice may have.
	MaxTemplates = 200
	// MaxShortcut bounds a snippet's shortcut, in characters.
	MaxShortcut = 30
)

// Template is text that the clinicians of a practice write notes with.
type Template struct {
	ID uuid.UUID
	// Kind is one of TemplateKinds.
	Kind string
	Name Text
	// Sections are of a NoteTemplate.
	Sections
	// Text and Shortcut are of a Snippet; Shortcut may be empty.
	Text, Shortcut       Text
	AuthorID             uuid.UUID
	Version              int64
	CreatedAt, UpdatedAt time.Time
}

// ErrShortcutTaken answers a shortcut that another snippet has.
var ErrShortcutTaken = &Error{Kind: Conflict, Code: "name_taken", Detail: "Another snippet has this shortcut."}

// ErrTooManyTemplates answers one template more than a practice may have.
var ErrTooManyTemplates = InvalidFields([]Field{{"kind", "too_many", "There are 200 of this kind already. Delete one first."}})

// Normalize trims and judges the fields that a caller may set.
func (t Template) Normalize() (Template, error) {
	var bad []Field
	if !slices.Contains(TemplateKinds, t.Kind) {
		return t, InvalidFields([]Field{{"kind", "choice", "Must be template or snippet."}})
	}
	t.Name, bad = rule{name: "name", max: MaxName, required: true}.clean(t.Name, bad)
	if t.Kind == NoteTemplate {
		return t.normalizeNote(bad)
	}
	return t.normalizeSnippet(bad)
}

func (t Template) normalizeNote(bad []Field) (Template, error) {
	t.Sections, bad = t.Sections.clean(bad)
	if len(bad) == 0 && t.Blank() {
		bad = append(bad, Field{"sections", "empty", "At least one section must be written."})
	}
	for field, v := range map[string]Text{"text": t.Text, "shortcut": t.Shortcut} {
		if v != "" {
			bad = append(bad, Field{field, "other_kind", "Is for snippets."})
		}
	}
	return t, InvalidFields(bad)
}

func (t Template) normalizeSnippet(bad []Field) (Template, error) {
	t.Text, bad = rule{name: "text", max: MaxSection, required: true, lines: true}.clean(oneLineEnd(t.Text), bad)
	t.Shortcut, bad = rule{name: "shortcut", max: MaxShortcut}.clean(t.Shortcut, bad)
	if strings.ContainsFunc(string(t.Shortcut), notInShortcut) {
		bad = append(bad, Field{"shortcut", "characters", "May hold letters, digits, - and _."})
	}
	for _, name := range SectionNames {
		if *t.Section(name) != "" {
			bad = append(bad, Field{name, "other_kind", "Is for templates."})
		}
	}
	return t, InvalidFields(bad)
}

func notInShortcut(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '-' && r != '_'
}

// SortTemplates sorts by folded name, then id, the templates before the
// snippets.
func SortTemplates(all []Template) {
	names := make(map[uuid.UUID]string, len(all))
	for i := range all {
		names[all[i].ID] = Fold(string(all[i].Name))
	}
	slices.SortFunc(all, func(a, b Template) int {
		if a.Kind != b.Kind {
			return -strings.Compare(a.Kind, b.Kind)
		}
		if c := strings.Compare(names[a.ID], names[b.ID]); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
}

// Fits judges a template against the others of the practice.
func (t Template) Fits(others []Template) error {
	same := 0
	for _, o := range others {
		if o.ID == t.ID || o.Kind != t.Kind {
			continue
		}
		same++
		if t.Shortcut != "" && strings.EqualFold(string(o.Shortcut), string(t.Shortcut)) {
			return ErrShortcutTaken
		}
	}
	if same >= MaxTemplates {
		return ErrTooManyTemplates
	}
	return nil
}
