// Command aman is the whole service and its tools: it serves the console and the
// citizens' pages, imports and exports, and keeps accounts. It is the only
// package that knows all the others.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // times are shown where people are, whatever the machine knows of zones

	"github.com/alecthomas/kong"
)

// cli is the whole command line; its flags can be set in the environment too.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Serve the console, the API and the citizens' pages."`
	Demo    demoCmd    `cmd:"" help:"Serve invented data from a throw-away directory, to try things out."`
	Import  importCmd  `cmd:"" help:"Store zones, people, reports or missions from a file: all of it, or nothing."`
	Export  exportCmd  `cmd:"" help:"Write zones or people to a file, as an account may see them."`
	Match   matchCmd   `cmd:"" help:"Say which zones each point of a file is in. Needs no server and no database."`
	User    userCmd    `cmd:"" help:"Add, list and disable accounts."`
	Key     keyCmd     `cmd:"" help:"Add and revoke API keys of machines."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() { os.Exit(execute(os.Args[1:])) }

// execute returns the exit code: 0 well, 1 it did not work, 2 it was asked wrongly
// (or, for some commands, what an exitError says).
func execute(args []string) int {
	// A core dump would hold everybody's names and places.
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		fmt.Fprintln(os.Stderr, "aman: turn core dumps off:", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks for an orderly end; a second one doesn't ask.
	context.AfterFunc(ctx, stop)

	ended := -1
	parser, err := kong.New(&cli{},
		kong.Name("aman"),
		kong.Description("Who is in danger, where, and how sure are we."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(code int) { ended = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		panic(fmt.Sprintf("command line is ill-defined: %v", err)) // a bug that every run of the program shows
	}
	command, err := parser.Parse(args)
	if ended >= 0 { // --help was shown
		return ended
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "aman: %v\n", err)
		return 2
	}
	return exitCode(command.Run())
}

// exitCode says on stderr what went wrong.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "aman: %v\n", err)
	if e, ok := errors.AsType[exitError](err); ok {
		return e.code
	}
	return 1
}
