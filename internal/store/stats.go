package store

import (
	"context"
	"fmt"
)

// Stats is what the metrics say of the database in this process.
type Stats struct {
	// Open connections there are, of at most Most; Used ones run a statement.
	Open, Used, Most int
	// Waits counts how often somebody had to wait for a connection.
	Waits int64
	// Commits counts the transactions that wrote, Writes what was asked to be
	// written: on SQLite several share one commit.
	Commits, Writes int64
	// Keys are the data keys that are open in memory, the system's included.
	Keys int
}

// Stats tells how busy the database's connections are, and what is open.
func (s *Store) Stats() Stats {
	all := s.eng.stats()
	all.Keys = s.boxes.len()
	return all
}

func (e *sqliteEngine) stats() Stats {
	open, used, waits := e.readers.stats()
	return Stats{
		Open: open, Used: used, Most: mostReaders, Waits: waits,
		Commits: e.writer.commits.Load(), Writes: e.writer.writes.Load(),
	}
}

func (e *postgresEngine) stats() Stats {
	pool := e.pool.Stat()
	commits := e.commits.Load()
	return Stats{
		Open: int(pool.TotalConns()), Used: int(pool.AcquiredConns()), Most: int(pool.MaxConns()), Waits: pool.EmptyAcquireCount(),
		Commits: commits, Writes: commits,
	}
}

const countJobsSQL = `select state, count(*) from jobs where state in ('ready', 'running', 'dead') group by state order by state`

// CountJobs counts the jobs that wait ("ready"), run and were given up
// ("dead") within the time that ended ones are kept.
func (s *Store) CountJobs(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{"ready": 0, "running": 0, "dead": 0}
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, countJobsSQL)
		_, err = collect(r, err, func(r rows) (n int64, err error) {
			var state string
			err = r.Scan(&state, &n)
			counts[state] = n
			return n, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return counts, nil
}
