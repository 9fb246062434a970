package geo

import (
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"
)

// checking makes an area of coordinates that were read: the check, which costs as much as the reading.
type checking struct {
	read    orb.MultiPolygon
	where   string // the path of the coordinates
	polygon bool   // or else a multipolygon

	shape orb.MultiPolygon
	note  string
	err   error
	done  chan struct{} // closed when the three above are set; nil if they are

	feature *Feature // what is to be handed over with it, once all of it is read
}

func (c *checking) run() {
	if f := validate(c.read); f != nil {
		c.err = f.error(c.where, c.polygon)
		return
	}
	c.shape = normalize(c.read)
	if slices.ContainsFunc(c.read, crosses) {
		c.note = "cut at the antimeridian"
	}
}

// lookAhead lets features be read while those before them are checked on other cores. What is handed over and what
// is refused is the same, in the same order, as if each were checked before the next is read.
type lookAhead struct {
	fn    func(Feature) error
	queue []*checking // in the order of the document
	tasks sync.WaitGroup
}

// limit is how many features are held at once.
func (l *lookAhead) limit() int { return 4 * runtime.GOMAXPROCS(0) }

// start has c checked.
func (l *lookAhead) start(c *checking) {
	c.done = make(chan struct{})
	l.queue = append(l.queue, c)
	l.tasks.Go(func() {
		defer close(c.done)
		c.run()
	})
}

// advance hands over those that are checked, waiting for as many as must be done before more may be read.
func (l *lookAhead) advance() {
	for len(l.queue) > 0 {
		if len(l.queue) < l.limit() {
			select {
			case <-l.queue[0].done:
			default:
				return
			}
		}
		l.first()
	}
}

// first hands over the first of the queue, or stops at what is wrong with it.
func (l *lookAhead) first() {
	c := l.queue[0]
	l.queue[0], l.queue = nil, l.queue[1:]
	<-c.done
	err := c.err
	if err == nil && c.feature != nil { // without one, something else is wrong with the rest of it
		c.feature.Shape, c.feature.RepairNote = c.shape, c.note
		err = l.fn(*c.feature)
	}
	if err != nil {
		l.queue = nil
		panic(refusal{err})
	}
}

// over calls read, which may refuse the document: what was read before that, and is yet to be checked, goes first.
func (l *lookAhead) over(read func()) {
	defer l.tasks.Wait()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case refusal:
			for len(l.queue) > 0 {
				l.first()
			}
			panic(p)
		default:
			panic(p)
		}
	}()
	read()
	for len(l.queue) > 0 {
		l.first()
	}
}
