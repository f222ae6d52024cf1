package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
)

// console keeps messages as files and prints them: for one machine without a mail server, and for trying things out.
type console struct {
	from *netmail.Address
	dir  string
	mu   sync.Mutex // one block at a time
	out  io.Writer
}

func openConsole(from *netmail.Address, o Options) (*console, error) {
	if o.Dir == "" || o.Out == nil {
		return nil, errors.New("mail: open: console needs a folder and a writer")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail: open: %w", err)
	}
	return &console{from: from, dir: o.Dir, out: o.Out}, nil
}

// Send writes Dir/ID.eml and prints the text, because somebody who signs in on this machine needs the link in it.
func (c *console) Send(ctx context.Context, m Message) error {
	l, err := compose(m, c.from)
	if err != nil {
		return fmt.Errorf("mail: send: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mail: send: %w", err)
	}
	path := filepath.Join(c.dir, m.ID+".eml")
	if err := replace(path, l.data); err != nil {
		return fmt.Errorf("mail: send: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = fmt.Fprintf(c.out, "---- mail: %s\nTo: %s\nSubject: %s\n\n%s\n----\n", path, m.To, m.Subject, printable(m.Text))
	if err != nil {
		return fmt.Errorf("mail: send: print: %w", err)
	}
	return nil
}

func (c *console) Close() error { return nil }

// printable keeps whoever chose a name from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.TrimRight(s, "\r\n"))
}

// replace puts data at path so that a reader, or a crash, finds either the old file or the whole new one. Mode 0600.
func replace(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // G304: the folder of the set-up
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
