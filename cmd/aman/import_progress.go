package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress draws a bar of how much of a file is read: on a terminal only.
type progress struct {
	out   *os.File // nil: not on a terminal
	what  string
	size  int64 // of the file, 0: unknown
	read  int64
	began time.Time
	drawn time.Time
}

func newProgress(out *os.File, what string, size int64) *progress {
	p := &progress{what: what, size: size, began: time.Now()}
	if term.IsTerminal(int(out.Fd())) {
		p.out = out
	}
	return p
}

// reader counts what is read from r. It is used by one goroutine, and end is
// called after that has read the last of it.
func (p *progress) reader(r io.Reader) io.Reader {
	if p.out == nil {
		return r
	}
	return &progressReader{p, r}
}

type progressReader struct {
	p *progress
	r io.Reader
}

func (r *progressReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.p.read += int64(n)
	if now := time.Now(); now.Sub(r.p.drawn) > 100*time.Millisecond {
		r.p.drawn = now
		fmt.Fprint(r.p.out, "\r"+r.p.line(now)+"\x1b[K")
	}
	return n, err
}

func (p *progress) line(now time.Time) string {
	const width = 30
	mb := float64(p.read) / 1e6
	if p.size == 0 {
		return fmt.Sprintf("%s: %.1f MB read, %.0f s", p.what, mb, now.Sub(p.began).Seconds())
	}
	share := min(float64(p.read)/float64(p.size), 1)
	full := int(share * width)
	return fmt.Sprintf("%s: [%s%s] %3.0f %%, %.1f MB, %.0f s",
		p.what, strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share, mb, now.Sub(p.began).Seconds())
}

// end wipes the bar.
func (p *progress) end() {
	if p.out != nil && !p.drawn.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
