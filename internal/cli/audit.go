package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"

	"pazpaz/internal/audit"

	"github.com/google/uuid"
)

// auditVerb is "audit verify", "audit export" and "audit checkpoint".
func auditVerb(env Env, args []string) error {
	f := flags(env, "audit")
	file := f.String("file", "", "verify: an exported chain instead of the database")
	checkpoints := f.String("checkpoints", "", "verify: signed checkpoints that the chains must contain (default: those in the data folder)")
	workspace := f.String("workspace", "", "only this workspace's chain (zeros: the system's)")
	word := "verify"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		word, args = args[0], args[1:]
	}
	if err := parse(f, args); err != nil {
		return err
	}
	a, err := openData(env)
	if err != nil {
		return err
	}
	switch word {
	case "verify":
		err = a.verifyAudit(env, *file, *checkpoints, *workspace)
	case "export":
		err = a.exportAudit(env, *workspace)
	case "checkpoint":
		err = a.printCheckpoints(env)
	default:
		fmt.Fprintln(env.Stderr, "pazpaz: audit takes verify, export or checkpoint")
		err = errUsage
	}
	return errors.Join(err, a.close())
}

func (a *app) chains(env Env, only string) ([]uuid.UUID, error) {
	if only == "" {
		return a.store.Chains(env.Ctx)
	}
	id, err := uuid.Parse(only)
	if err != nil {
		return nil, errors.New("--workspace must be a workspace's id")
	}
	return []uuid.UUID{id}, nil
}

func (a *app) verifyAudit(env Env, file, checkpoints, only string) error {
	signed, err := a.readCheckpoints(checkpoints)
	if err != nil {
		return err
	}
	if file != "" {
		return verifyFile(env, file, signed)
	}
	ids, err := a.chains(env, only)
	if err != nil {
		return err
	}
	if err := allThere(signed, ids, only); err != nil {
		return err
	}
	for _, id := range ids {
		claimed, err := a.store.ChainHead(env.Ctx, id)
		if err != nil {
			return fmt.Errorf("audit chain of %s: %w", id, err)
		}
		known := append(audit.Heads(signed, id), claimed)
		if err := verifyChain(env, id, a.store.Events(env.Ctx, id), known); err != nil {
			return err
		}
	}
	return nil
}

// allThere finds a chain that is gone altogether although a checkpoint proves
// that it was there.
func allThere(signed []audit.Checkpoint, ids []uuid.UUID, only string) error {
	for _, c := range signed {
		if only == "" && !slices.Contains(ids, c.WorkspaceID) {
			return &audit.BadEntry{WorkspaceID: c.WorkspaceID, Seq: 1, Reason: "the whole chain is missing"}
		}
	}
	return nil
}

func verifyChain(env Env, id uuid.UUID, events iter.Seq2[audit.Event, error], known []audit.Head) error {
	head, err := audit.Verify(id, events, known)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s: %d entries, intact\n", id, head.Seq)
	return nil
}

// verifyFile checks an exported chain; it holds one workspace's events.
func verifyFile(env Env, path string, signed []audit.Checkpoint) error {
	f, err := os.Open(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	next, stop := iter.Pull2(audit.ReadExport(f))
	defer stop()
	first, err, ok := next()
	if err != nil || !ok {
		return fmt.Errorf("the export holds no events: %w", errors.Join(err, errUsage))
	}
	events := func(yield func(audit.Event, error) bool) {
		for e, err, ok := first, error(nil), true; ok && yield(e, err); {
			e, err, ok = next()
		}
	}
	return verifyChain(env, first.WorkspaceID, events, audit.Heads(signed, first.WorkspaceID))
}

func (a *app) readCheckpoints(path string) ([]audit.Checkpoint, error) {
	wanted := path != ""
	if !wanted {
		path = a.checkpointFile()
	}
	f, err := os.Open(path) //nolint:gosec // G304: the operator names the file
	if errors.Is(err, os.ErrNotExist) && !wanted {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	return audit.ReadCheckpoints(f, publicKey(a.signing))
}

func (a *app) exportAudit(env Env, only string) error {
	if only == "" {
		return errors.New("audit export needs --workspace")
	}
	ids, err := a.chains(env, only)
	if err != nil {
		return err
	}
	return audit.WriteExport(env.Stdout, a.store.Events(env.Ctx, ids[0]))
}

func (a *app) printCheckpoints(env Env) error {
	grown, err := heads(env.Ctx, a.store, map[uuid.UUID]int64{})
	if err != nil {
		return err
	}
	enc := json.NewEncoder(env.Stdout)
	for _, h := range grown {
		if err := enc.Encode(h.Sign(a.signing, env.Now())); err != nil {
			return fmt.Errorf("print checkpoint: %w", err)
		}
	}
	return nil
}
