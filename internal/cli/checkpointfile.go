package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"pazpaz/internal/audit"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// checkpointFile holds checkpoints outside of the database, one a line.
type checkpointFile struct {
	id   uuid.UUID // by which the database knows it
	path string
}

// tailSize is how much of the end of a file its hash is over.
const tailSize = 4096

// checkpointFile is that of this process. A SQLite database has one; beside
// a PostgreSQL database each machine and folder has its own.
func (a *app) checkpointFile() checkpointFile {
	f := checkpointFile{path: filepath.Join(a.cfg.DataDir, checkpointName)}
	if strings.HasPrefix(a.cfg.DatabaseURL.Reveal(), "sqlite:") {
		return f
	}
	host, _ := os.Hostname() // without a name, the folder alone tells
	f.id = uuid.NewSHA1(uuid.NameSpaceURL, []byte(host+"\x00"+absolute(f.path)))
	return f
}

const checkpointName = "audit-checkpoints.jsonl"

func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// append writes whole lines: they begin behind a line break, so that one
// which a crash has cut spoils no other. It returns what the file is then.
func (f checkpointFile) append(lines []byte) (is store.CheckpointFile, err error) {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return is, fmt.Errorf("open checkpoints: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(append([]byte("\n"), lines...)); err != nil {
		return is, fmt.Errorf("write checkpoint: %w", err)
	}
	if err := file.Sync(); err != nil {
		return is, fmt.Errorf("write checkpoint: %w", err)
	}
	return f.measure(file, 0)
}

// state is what the file is up to that size, or up to its end when size is 0;
// a file that is not there, or is shorter, is as long as it is.
func (f checkpointFile) state(size int64) (store.CheckpointFile, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return store.CheckpointFile{ID: f.id, Tail: []byte{}}, nil
	}
	if err != nil {
		return store.CheckpointFile{}, fmt.Errorf("open checkpoints: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	return f.measure(file, size)
}

func (f checkpointFile) measure(file *os.File, size int64) (store.CheckpointFile, error) {
	is := store.CheckpointFile{ID: f.id}
	info, err := file.Stat()
	if err != nil {
		return is, fmt.Errorf("look at checkpoints: %w", err)
	}
	if is.Size = info.Size(); size > 0 {
		is.Size = min(is.Size, size)
	}
	from := max(0, is.Size-tailSize)
	tail := make([]byte, is.Size-from)
	if _, err := file.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return is, fmt.Errorf("read checkpoints: %w", err)
	}
	sum := sha256.Sum256(tail)
	is.Tail = sum[:]
	return is, nil
}

// checkpointLoss says what is wrong with the file of checkpoints compared
// with what the database knows of it; nil when nothing is.
func (a *app) checkpointLoss(ctx context.Context) (loss, err error) {
	f := a.checkpointFile()
	known, err := a.store.CheckpointFile(ctx, f.id)
	if err != nil || known.Size == 0 {
		return nil, err
	}
	is, err := f.state(known.Size)
	switch {
	case err != nil:
		return nil, err
	case is.Size == 0:
		return fmt.Errorf("the checkpoints are missing: %s had %d bytes", f.path, known.Size), nil
	case is.Size < known.Size:
		return fmt.Errorf("the checkpoints are cut: %s had %d bytes and has %d", f.path, known.Size, is.Size), nil
	case !bytes.Equal(is.Tail, known.Tail):
		return fmt.Errorf("the checkpoints are not those that were written: %s was changed", f.path), nil
	}
	return nil, nil
}

// recent is how much of the end of the file is searched for a workspace's
// latest checkpoints, and shown how many of them at most.
const (
	recent     = 1 << 20
	recentMost = 100
)

// latest returns the last checkpoints of a workspace, the latest last. Those
// that are not signed by key are left out: verifying the file names them.
func (f checkpointFile) latest(workspace uuid.UUID, key ed25519.PublicKey) ([]audit.Checkpoint, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at checkpoints: %w", err)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-recent), recent))
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	var kept []audit.Checkpoint
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte(workspace.String())) {
			continue
		}
		one, _, err := audit.ReadCheckpoints(bytes.NewReader(line), key)
		if err == nil {
			kept = append(kept, one...)
		}
	}
	return kept[max(0, len(kept)-recentMost):], nil
}
