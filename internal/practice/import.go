package practice

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"
)

// MaxImportRows bounds one import; a practice with more imports in parts.
const MaxImportRows = 10_000

// maxReported bounds the errors of a report; Rows and Created stay exact.
const maxReported = 200

// ImportOptions say what an import may do.
type ImportOptions struct {
	// DryRun judges everything and stores nothing.
	DryRun bool
	// CreateDuplicates also stores clients that may be there already.
	CreateDuplicates bool
}

// ImportReport says what became of each row.
type ImportReport struct {
	DryRun bool
	// Rows counts the rows with content; Created those that were stored, or
	// would be; Skipped those that may be clients already.
	Rows, Created, Skipped int
	// Twins lists the rows that were skipped, at most 200.
	Twins []int
	// Errors lists what is wrong, at most 200.
	Errors []RowError
	// Ignored lists the positions (from 1) of columns that are not known.
	Ignored []int
}

// RowError is one wrong cell. Row counts lines of the table from 1, the
// header included; the value is never repeated.
type RowError struct {
	Row int
	model.Field
}

// ImportClients reads clients from a CSV file: with a header in English or
// Hebrew, separated by commas, semicolons or tabs, in UTF-8, UTF-16 or
// Windows-1255. Rows with errors and possible duplicates are left out and
// reported; all others are stored in one transaction. The error is Invalid
// when the file cannot be read as a table of clients.
func (p *Practice) ImportClients(ctx context.Context, sc store.Scope, file []byte, o ImportOptions) (ImportReport, error) {
	t, err := readTable(file)
	if err != nil {
		return ImportReport{}, err
	}
	rep := ImportReport{DryRun: o.DryRun, Ignored: t.ignored}
	run := func(tx *store.ReadTx, insert func(model.Client) error) error {
		return p.importRows(tx, t, o, &rep, insert)
	}
	if o.DryRun {
		err = p.store.Read(ctx, sc, model.ClientImport, func(tx *store.ReadTx) error {
			return run(tx, func(model.Client) error { return nil })
		})
	} else {
		err = p.store.Write(ctx, sc, model.ClientImport, func(tx *store.Tx) error {
			return run(&tx.ReadTx, func(c model.Client) error {
				_, err := tx.InsertClient(c)
				return err
			})
		})
	}
	if err != nil {
		return ImportReport{}, fmt.Errorf("import clients: %w", err)
	}
	return rep, nil
}

func (p *Practice) importRows(tx *store.ReadTx, t table, o ImportOptions, rep *ImportReport, insert func(model.Client) error) error {
	today, err := tx.Today()
	if err != nil {
		return err
	}
	twins, err := tx.DuplicateFinder()
	if err != nil {
		return err
	}
	for _, row := range t.rows {
		rep.Rows++
		c, err := t.client(row).Normalize(today)
		if e, ok := errors.AsType[*model.Error](err); ok {
			rep.report(row.number, e.Fields)
			continue
		}
		if twins.Seen(c.Contact) && !o.CreateDuplicates {
			rep.Skipped++
			if len(rep.Twins) < maxReported {
				rep.Twins = append(rep.Twins, row.number)
			}
			continue
		}
		if c.ID, err = p.newID(); err != nil {
			return err
		}
		if err := insert(c); err != nil {
			return err
		}
		rep.Created++
	}
	return nil
}

func (rep *ImportReport) report(row int, fields []model.Field) {
	for _, f := range fields {
		if len(rep.Errors) < maxReported {
			rep.Errors = append(rep.Errors, RowError{row, f})
		}
	}
}

// table is a CSV file whose columns are known.
type table struct {
	columns []*column // nil: not known
	tags    int       // index of the tags column, or -1
	ignored []int
	rows    []tableRow
}

type tableRow struct {
	number int
	cells  []string
}

func badFile(code, message string) error {
	return model.InvalidFields([]model.Field{{Name: "file", Code: code, Message: message}})
}

func readTable(file []byte) (table, error) {
	text, err := decode(file)
	if err != nil {
		return table{}, err
	}
	t, err := parseTable(text, false)
	if errors.Is(err, csv.ErrBareQuote) { // people write 5'6" without doubling the mark
		t, err = parseTable(text, true)
	}
	if pe, ok := errors.AsType[*csv.ParseError](err); ok {
		return t, badFile("csv", fmt.Sprintf("Line %d cannot be read: a quotation mark is not closed there.", pe.StartLine))
	}
	return t, err
}

// parseTable reads the whole file. With lazy, quotation marks inside a cell
// that does not begin with one are taken as they are; read lazily at once, a
// cell that begins with one could swallow the rows behind it.
func parseTable(text string, lazy bool) (table, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(text), -1, lazy
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return table{}, badFile("empty", "Holds no table with a header.")
	}
	if err != nil {
		return table{}, err
	}
	t := newTable(head)
	if !t.has("first_name") || !t.has("last_name") {
		return t, badFile("header", "Needs a header with first_name and last_name.")
	}
	return t, t.readRows(r, head)
}

func newTable(head []string) table {
	t := table{tags: -1}
	for i, h := range head {
		c := findColumn(h)
		t.columns = append(t.columns, c)
		switch name := strings.ToLower(strings.TrimSpace(h)); {
		case name == tagsColumn || name == "תגיות":
			t.tags = i
		case c == nil:
			t.ignored = append(t.ignored, i+1)
		}
	}
	return t
}

func (t *table) has(name string) bool {
	for _, c := range t.columns {
		if c != nil && c.name == name {
			return true
		}
	}
	return false
}

// readRows counts rows as a spreadsheet shows them: an empty line, which the
// reader passes over, is one, and a cell of several lines is not several.
func (t *table) readRows(r *csv.Reader, head []string) error {
	for number, end := 1, lastLine(r, head); ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		start, _ := r.FieldPos(0)
		number += start - end
		end = lastLine(r, cells)
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if len(t.rows) == MaxImportRows {
			return badFile("too_many", fmt.Sprintf("Has more than %d rows; import it in parts.", MaxImportRows))
		}
		t.rows = append(t.rows, tableRow{number, cells})
	}
}

// lastLine is the line of the file on which the cells just read end.
func lastLine(r *csv.Reader, cells []string) int {
	last := len(cells) - 1
	line, _ := r.FieldPos(last)
	return line + strings.Count(cells[last], "\n")
}

// client reads a row; cells beyond the header are left out.
func (t *table) client(row tableRow) model.Client {
	c := model.Client{ID: uuid.Nil}
	for i, cell := range row.cells {
		if i >= len(t.columns) {
			break
		}
		cell = unguard(cell)
		// Two columns can mean the same field, such as phone and mobile: what
		// comes first counts, unless it is empty.
		if col := t.columns[i]; col != nil && strings.TrimSpace(string(*col.get(&c))) == "" {
			*col.get(&c) = model.Text(cell)
		}
		if i == t.tags {
			c.Tags = splitTags(cell)
		}
	}
	c.DateOfBirth = isoDate(c.DateOfBirth)
	return c
}

// isoDate turns 31/12/1980 and 31.12.1980 into 1980-12-31. Day comes first,
// as in Israel and Europe; anything else is left for the rules to judge.
func isoDate(v model.Text) model.Text {
	s := strings.TrimSpace(string(v))
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return v
	}
	return model.Text(fmt.Sprintf("%s-%02s-%02s", parts[2], parts[1], parts[0]))
}

func decode(file []byte) (string, error) {
	file = bytes.TrimPrefix(file, []byte(byteOrderMark))
	if text, ok := decodeUTF16(file); ok {
		return text, nil
	}
	if utf8.Valid(file) {
		return string(file), nil
	}
	text, err := charmap.Windows1255.NewDecoder().Bytes(file)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", badFile("encoding", "Is not text in UTF-8; save it as CSV UTF-8.")
	}
	return string(text), nil
}

// separator is the one that the header uses most.
func separator(text string) rune {
	head, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(head, ",")
	for _, sep := range []rune{';', '\t'} {
		if n := strings.Count(head, string(sep)); n > most {
			best, most = sep, n
		}
	}
	return best
}
