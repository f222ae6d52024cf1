package cli

import (
	"errors"
	"flag"
	"fmt"
	"text/tabwriter"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// userVerb is what the operator does to people on the server itself. Each act
// is in the server's audit chain, as the operator's.
func userVerb(env Env, args []string) error {
	if len(args) == 0 {
		return userUsage(env)
	}
	f := flags(env, "user "+args[0])
	link := f.Bool("link", false, "print a sign-in link for the person, good once and for a day")
	words, err := mixed(f, args[1:])
	if err != nil {
		return err
	}
	acts := map[string]func(a *app, email string) error{
		"add-admin": func(a *app, email string) error {
			return a.platform.AddAdmin(env.Ctx, a.store.PlatformScope(uuid.Nil), email)
		},
		"remove-admin": func(a *app, email string) error {
			return a.platform.RemoveAdmin(env.Ctx, a.store.PlatformScope(uuid.Nil), email)
		},
		"reset-factor": func(a *app, email string) error {
			return a.platform.ResetFactor(env.Ctx, a.store.PlatformScope(uuid.Nil), email)
		},
	}
	act := acts[args[0]]
	if args[0] == "list" && len(words) == 0 {
		return withApp(env, func(a *app) error { return a.listUsers(env) })
	}
	if act == nil || len(words) != 1 {
		return userUsage(env)
	}
	return withApp(env, func(a *app) error {
		if err := act(a, words[0]); err != nil {
			return saidPlainly(err)
		}
		if err := changes(a.shared).SessionsEnded(env.Ctx); err != nil {
			a.log.Warn("open pages are not told that sessions ended", "error", err)
		}
		fmt.Fprintln(env.Stdout, "done")
		if !*link {
			return nil
		}
		url, err := a.auth.PrintedLink(env.Ctx, words[0])
		if err != nil {
			return err
		}
		fmt.Fprintln(env.Stdout, "Sign in (works once):", url)
		return nil
	})
}

func userUsage(env Env) error {
	fmt.Fprintln(env.Stderr, "pazpaz user list | add-admin EMAIL | remove-admin EMAIL | reset-factor EMAIL, each but list with --link to print a sign-in link")
	return errUsage
}

// saidPlainly is a refusal in words for the console.
func saidPlainly(err error) error {
	if model.KindOf(err) == model.NotFound {
		return errors.New("nobody of that kind signs in with this address; pazpaz user list shows who does")
	}
	return err
}

// withApp runs fn with the wired product.
func withApp(env Env, fn func(*app) error) error {
	a, err := openApp(env)
	if err != nil {
		return err
	}
	return errors.Join(fn(a), a.close())
}

func (a *app) listUsers(env Env) error {
	all, err := a.platform.ListUsers(env.Ctx, a.store.PlatformScope(uuid.Nil))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "E-MAIL\tROLE\tWORKSPACE\tSTATE\tSECOND FACTOR")
	for _, u := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", string(u.Email), roleOf(u), workspaceOf(u), stateOf(u), yesNo(u.HasFactor))
	}
	return w.Flush()
}

func roleOf(u model.User) string {
	switch {
	case u.Admin && u.Role != 0:
		return u.Role.String() + ", admin"
	case u.Admin:
		return "admin"
	case u.Role == 0:
		return "-"
	}
	return u.Role.String()
}

func workspaceOf(u model.User) string {
	if u.WorkspaceID == uuid.Nil {
		return "-"
	}
	return u.WorkspaceID.String()
}

func stateOf(u model.User) string {
	if u.Active {
		return "active"
	}
	return "may not sign in"
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

// mixed parses flags that stand before, between or behind the words.
func mixed(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		switch err := f.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, errUsage
		case f.NArg() == 0:
			return words, nil
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
}
