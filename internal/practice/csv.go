package practice

import (
	"encoding/csv"
	"strings"

	"pazpaz/internal/model"
)

// column ties a CSV column to a field of a client.
type column struct {
	name string // in our own export, and in messages
	also []string
	get  func(*model.Client) *model.Text
}

// columns are what import and export know, in the order of the export. The
// other names are what exports of other products and people's sheets use.
var columns = []column{
	{"first_name", []string{"first name", "firstname", "given name", "שם פרטי", "שם"}, func(c *model.Client) *model.Text { return &c.FirstName }},
	{"last_name", []string{"last name", "lastname", "surname", "family name", "שם משפחה", "משפחה"}, func(c *model.Client) *model.Text { return &c.LastName }},
	{"email", []string{"e-mail", "email address", "mail", "דואר אלקטרוני", "אימייל", "מייל"}, func(c *model.Client) *model.Text { return &c.Email }},
	{"phone", []string{"phone number", "mobile", "mobile phone", "telephone", "tel", "טלפון", "נייד", "טלפון נייד"}, func(c *model.Client) *model.Text { return &c.Phone }},
	{"date_of_birth", []string{"date of birth", "birth date", "birthdate", "birthday", "dob", "תאריך לידה"}, func(c *model.Client) *model.Text { return &c.DateOfBirth }},
	{"address", []string{"street address", "כתובת"}, func(c *model.Client) *model.Text { return &c.Address }},
	{"emergency_contact_name", []string{"emergency contact", "איש קשר לחירום"}, func(c *model.Client) *model.Text { return &c.EmergencyName }},
	{"emergency_contact_phone", []string{"emergency phone", "טלפון לחירום"}, func(c *model.Client) *model.Text { return &c.EmergencyPhone }},
	{"medical_history", []string{"medical history", "היסטוריה רפואית", "רקע רפואי"}, func(c *model.Client) *model.Text { return &c.MedicalHistory }},
	{"notes", []string{"note", "comments", "remarks", "הערות"}, func(c *model.Client) *model.Text { return &c.Notes }},
}

const tagsColumn = "tags"

// findColumn returns the column of a header cell, or nil.
func findColumn(header string) *column {
	h := strings.ToLower(strings.TrimSpace(strings.ReplaceAll(header, "_", " ")))
	for i, c := range columns {
		if h == strings.ReplaceAll(c.name, "_", " ") {
			return &columns[i]
		}
		for _, a := range c.also {
			if h == a {
				return &columns[i]
			}
		}
	}
	return nil
}

// guard keeps a cell from being taken for a formula by a spreadsheet: the
// apostrophe makes it text. Phone numbers keep their plus sign.
func guard(cell string) string {
	if cell == "" || isPhone(cell) {
		return cell
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '|', '%':
		return "'" + cell
	case '\'': // so that taking one away always gives the value back
		return "'" + cell
	}
	return cell
}

// tagSeparators are what people write between tags; we write a semicolon.
const tagSeparators = ";,|"

// joinTags writes tags into one cell. One that holds a separator, or starts
// like a quoted one, is quoted as a cell would be.
func joinTags(tags []model.Text) string {
	cells := make([]string, len(tags))
	for i, t := range tags {
		cells[i] = string(t)
		if strings.ContainsAny(cells[i], tagSeparators) || strings.HasPrefix(cells[i], `"`) {
			cells[i] = `"` + strings.ReplaceAll(cells[i], `"`, `""`) + `"`
		}
	}
	return strings.Join(cells, "; ")
}

// splitTags takes a cell apart again. A quote inside a tag, as in Hebrew
// abbreviations, is a letter like others.
func splitTags(cell string) []model.Text {
	var tags []model.Text
	for rest := cell; rest != ""; {
		var tag string
		if tag, rest = cutTag(strings.TrimLeft(rest, " \t"+tagSeparators)); tag != "" {
			tags = append(tags, model.Text(tag))
		}
	}
	return tags
}

func cutTag(s string) (tag, rest string) {
	if strings.HasPrefix(s, `"`) {
		if tag, rest, ok := cutQuoted(s[1:]); ok {
			return strings.TrimSpace(tag), rest
		}
	}
	if i := strings.IndexAny(s, tagSeparators); i >= 0 {
		s, rest = s[:i], s[i:]
	}
	return strings.TrimSpace(s), rest
}

// cutQuoted reads up to the closing quote; ok is false when there is none
// with a separator or the end behind it.
func cutQuoted(s string) (tag, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '"':
		case strings.HasPrefix(s[i+1:], `"`):
			i++
		default:
			rest = strings.TrimLeft(s[i+1:], " \t")
			return strings.ReplaceAll(s[:i], `""`, `"`), rest, rest == "" || strings.IndexAny(rest, tagSeparators) == 0
		}
	}
	return "", "", false
}

// unguard takes the apostrophe away that guard put there.
func unguard(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && guard(cell[1:]) == cell {
		return cell[1:]
	}
	return cell
}

func isPhone(s string) bool {
	return s[0] == '+' && len(s) > 1 && strings.Trim(s[1:], "0123456789 ") == ""
}

// header returns the first line of an export.
func header() []string {
	names := []string{"id"}
	for _, c := range columns {
		names = append(names, c.name)
	}
	return append(names, tagsColumn, "consent_status", "is_active", "created_at")
}

func writeHeader(w *csv.Writer) error { return w.Write(header()) }

func writeClient(w *csv.Writer, c *model.Client) error {
	cells := []string{c.ID.String()}
	for _, col := range columns {
		cells = append(cells, guard(string(*col.get(c))))
	}
	return w.Write(append(cells, guard(joinTags(c.Tags)), yes(c.Consented), yes(c.ArchivedAt == nil),
		c.CreatedAt.Format("2006-01-02T15:04:05Z")))
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
