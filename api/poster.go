package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
	"aman/web"
)

// LinkPoster implements the contract's linkPoster.
func (s *Server) LinkPoster(ctx context.Context, r openapi.LinkPosterRequestObject) (openapi.LinkPosterResponseObject, error) {
	l, err := s.store.LinkByID(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	if !seesLink(s.view(ctx), callOf(ctx), &l) {
		return nil, tracker.ErrNotFound
	}
	if !l.Person.IsZero() {
		return nil, refuse(http.StatusConflict, "not_a_campaign", "A personal link is sent to its person; only a campaign's hangs on a wall.")
	}
	if l.State(s.now()) != auth.LinkInForce {
		return nil, refuse(http.StatusConflict, "link_closed", "This link takes no reports any more.")
	}
	return s.citizens.poster(ctx, &l)
}

// poster is a page to print. It implements the contract's response.
type poster struct {
	page   []byte
	policy string
}

// VisitLinkPosterResponse writes the page with a policy of its own.
func (p poster) VisitLinkPosterResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Content-Security-Policy", p.policy)
	_, err := w.Write(p.page)
	return err
}

// posterView is what a poster says.
type posterView struct {
	CSS   template.CSS
	QR    template.HTML
	Place string
	// Address is the link as it is typed, Code what it ends in, in groups.
	Address, Code string
	SMS           string
	// Parts say the same in each language.
	Parts []*linkView
}

func (p *linkPages) poster(ctx context.Context, l *auth.Link) (poster, error) {
	source := web.Citizen()
	address := l.Address(p.public.String(), "")
	code, err := qrSVG(address)
	if err != nil {
		return poster{}, err
	}
	v := posterView{
		CSS: template.CSS(source.PosterCSS), QR: code, Address: address[strings.Index(address, "//")+2:],
		Code: l.Code[:5] + "-" + l.Code[5:], SMS: p.sms,
	}
	if i, ok := p.tracker.World().Airport(l.Airport); ok {
		a := p.tracker.World().Airports()[i]
		v.Place = a.Name + " (" + a.Code() + ")"
	}
	for _, lang := range pageLanguages {
		v.Parts = append(v.Parts, &linkView{page: p.page, Lang: lang.code, Code: l.Code, Hotlines: p.hotlines(ctx, *l, lang.code)})
	}
	t, err := template.New("poster").Parse(source.Poster)
	if err != nil {
		return poster{}, fmt.Errorf("parse poster: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return poster{}, fmt.Errorf("render poster: %w", err)
	}
	sum := sha256.Sum256([]byte(source.PosterCSS))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return poster{b.Bytes(), policy}, nil
}

// qrSVG draws a text as a QR code that forgives a quarter of it being torn or
// scribbled on, with the margin that readers need.
func qrSVG(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.Q, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("encode QR code: %w", err)
	}
	const margin = 4
	side := code.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" role="img" aria-label="QR" shape-rendering="crispEdges"><path d="`, side+2*margin)
	for y := range side {
		for x := 0; x < side; x++ {
			run := 0
			for x+run < side && dark(code, x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+margin, y+margin, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil // numbers alone
}

func dark(code barcode.Barcode, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r < 0x8000
}
