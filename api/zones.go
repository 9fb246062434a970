package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo"
	"aman/geo/tracker"
)

// ListZones implements the contract's listZones.
func (s *Server) ListZones(ctx context.Context, r openapi.ListZonesRequestObject) (openapi.ListZonesResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	zs, err := v.Zones(c.ID)
	if err != nil {
		return nil, err
	}
	list := openapi.ZoneList{Items: []openapi.Zone{}, AsOf: asOf(v)}
	for i := range zs {
		state := openapi.ZoneState(zs[i].Latest.State.String())
		if r.Params.State == nil && zs[i].Latest.State == tracker.Withdrawn ||
			r.Params.State != nil && !slices.Contains(*r.Params.State, state) {
			continue
		}
		list.Items = append(list.Items, s.zoneOf(ctx, &zs[i], r.Params.Geometry == nil || *r.Params.Geometry))
	}
	return openapi.ListZones200JSONResponse(list), nil
}

// CreateZone implements the contract's createZone.
func (s *Server) CreateZone(ctx context.Context, r openapi.CreateZoneRequestObject) (openapi.CreateZoneResponseObject, error) {
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	z, err := zoneFrom(r.Body)
	if err != nil {
		return nil, err
	}
	z.Crisis = c.ID
	z, seq, err := s.tracker.SaveDraft(ctx, callOf(ctx).actor(), z, 0)
	if err != nil {
		return nil, err
	}
	out, etag := s.stored(ctx, z, seq)
	return openapi.CreateZone201JSONResponse{
		Body:    out,
		Headers: openapi.CreateZone201ResponseHeaders{ETag: etag, Location: "/api/v1/zones/" + z.ID.String()},
	}, nil
}

// ReplaceZone implements the contract's replaceZone.
func (s *Server) ReplaceZone(ctx context.Context, r openapi.ReplaceZoneRequestObject) (openapi.ReplaceZoneResponseObject, error) {
	version, err := s.zoneVersion(ctx, r.Id, r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	z, err := zoneFrom(r.Body)
	if err != nil {
		return nil, err
	}
	z.ID = r.Id
	z, seq, err := s.tracker.SaveDraft(ctx, callOf(ctx).actor(), z, version)
	if err != nil {
		return nil, s.zoneRefused(ctx, r.Id, version, err)
	}
	out, etag := s.stored(ctx, z, seq)
	return openapi.ReplaceZone200JSONResponse{Body: out, Headers: openapi.ReplaceZone200ResponseHeaders{ETag: etag}}, nil
}

// GetZone implements the contract's getZone.
func (s *Server) GetZone(ctx context.Context, r openapi.GetZoneRequestObject) (openapi.GetZoneResponseObject, error) {
	zv, err := s.view(ctx).Zone(r.Id)
	if err != nil {
		return nil, err
	}
	return openapi.GetZone200JSONResponse{
		Body:    s.zoneOf(ctx, &zv, true),
		Headers: openapi.GetZone200ResponseHeaders{ETag: etagOf(zv.Latest.Version)},
	}, nil
}

// PublishZone implements the contract's publishZone.
func (s *Server) PublishZone(ctx context.Context, r openapi.PublishZoneRequestObject) (openapi.PublishZoneResponseObject, error) {
	version, err := s.zoneVersion(ctx, r.Id, r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	z, seq, err := s.tracker.Publish(ctx, callOf(ctx).actor(), r.Id, version)
	if err != nil {
		return nil, s.zoneRefused(ctx, r.Id, version, err)
	}
	out, etag := s.stored(ctx, z, seq)
	if z.State == tracker.Proposed {
		return openapi.PublishZone202JSONResponse{Body: out, Headers: openapi.PublishZone202ResponseHeaders{ETag: etag}}, nil
	}
	return openapi.PublishZone200JSONResponse{Body: out, Headers: openapi.PublishZone200ResponseHeaders{ETag: etag}}, nil
}

// WithdrawZone implements the contract's withdrawZone.
func (s *Server) WithdrawZone(ctx context.Context, r openapi.WithdrawZoneRequestObject) (openapi.WithdrawZoneResponseObject, error) {
	version, err := s.zoneVersion(ctx, r.Id, r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	z, seq, err := s.tracker.Withdraw(ctx, callOf(ctx).actor(), r.Id, version, strings.TrimSpace(r.Body.Reason))
	if err != nil {
		return nil, s.zoneRefused(ctx, r.Id, version, err)
	}
	out, etag := s.stored(ctx, z, seq)
	if z.State == tracker.Proposed {
		return openapi.WithdrawZone202JSONResponse{Body: out, Headers: openapi.WithdrawZone202ResponseHeaders{ETag: etag}}, nil
	}
	return openapi.WithdrawZone200JSONResponse{Body: out, Headers: openapi.WithdrawZone200ResponseHeaders{ETag: etag}}, nil
}

// DiscardZoneDraft implements the contract's discardZoneDraft.
func (s *Server) DiscardZoneDraft(ctx context.Context, r openapi.DiscardZoneDraftRequestObject) (openapi.DiscardZoneDraftResponseObject, error) {
	version, err := s.zoneVersion(ctx, r.Id, r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	z, seq, err := s.tracker.Discard(ctx, callOf(ctx).actor(), r.Id, version)
	if err != nil {
		return nil, s.zoneRefused(ctx, r.Id, version, err)
	}
	out, etag := s.stored(ctx, z, seq)
	return openapi.DiscardZoneDraft200JSONResponse{Body: out, Headers: openapi.DiscardZoneDraft200ResponseHeaders{ETag: etag}}, nil
}

// PreviewZone implements the contract's previewZone.
func (s *Server) PreviewZone(ctx context.Context, r openapi.PreviewZoneRequestObject) (openapi.PreviewZoneResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	z, err := zoneFrom(r.Body)
	if err != nil {
		return nil, err
	}
	z.Crisis, z.State = c.ID, tracker.Active
	if r.Params.Replaces != nil {
		old, err := v.Zone(*r.Params.Replaces)
		if err != nil {
			return nil, err
		}
		z.ID, z.Crisis = old.Latest.ID, old.Latest.Crisis
	}
	if err := s.tracker.CheckZone(&z); err != nil {
		return nil, err
	}
	imp, err := s.impact(v, &z)
	return openapi.PreviewZone200JSONResponse(imp), err
}

// PreviewStoredZone implements the contract's previewStoredZone.
func (s *Server) PreviewStoredZone(ctx context.Context, r openapi.PreviewStoredZoneRequestObject) (openapi.PreviewStoredZoneResponseObject, error) {
	v := s.view(ctx)
	zv, err := v.Zone(r.Id)
	if err != nil {
		return nil, err
	}
	z := zv.Latest
	z.State = tracker.Active
	if orZero(r.Params.Withdraw) {
		z.State = tracker.Withdrawn
	}
	imp, err := s.impact(v, &z)
	return openapi.PreviewStoredZone200JSONResponse(imp), err
}

func (s *Server) impact(v tracker.View, z *tracker.Zone) (openapi.Impact, error) {
	i, err := v.Impact(z)
	if err != nil {
		return openapi.Impact{}, err
	}
	out := openapi.Impact{
		Enters: countOf(i.Enters), Leaves: countOf(i.Leaves), Stays: countOf(i.Stays),
		Inside: countOf(i.Inside), Possible: countOf(i.Possible), SecondPerson: i.SecondPerson,
		Groups: []openapi.ImpactGroup{}, Airports: []openapi.Airport{}, AsOf: asOf(v),
	}
	for _, g := range i.Groups {
		out.Groups = append(out.Groups, openapi.ImpactGroup{
			By: openapi.ImpactGroupBy(g.By), Key: g.Key, Label: labelOf(g.Label), Enters: countOf(g.Enters), Leaves: countOf(g.Leaves),
		})
	}
	for n := range i.Airports {
		out.Airports = append(out.Airports, airportOf(&i.Airports[n]))
	}
	return out, nil
}

// ListZoneVersions implements the contract's listZoneVersions.
func (s *Server) ListZoneVersions(ctx context.Context, r openapi.ListZoneVersionsRequestObject) (openapi.ListZoneVersionsResponseObject, error) {
	zs, err := s.tracker.ZoneVersions(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	zv, err := s.view(ctx).Zone(r.Id)
	if err != nil {
		return nil, err
	}
	out := openapi.ListZoneVersions200JSONResponse{Items: []openapi.Zone{}}
	for _, z := range zs {
		one := tracker.ZoneView{Latest: z, Active: zv.Active, InForce: zv.InForce, Confirmation: zv.Confirmation}
		item := s.zoneOf(ctx, &one, true)
		item.Inside, item.Possible, item.NeedsHelp = nil, nil, nil // they are of the zone now, not of a version
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// ListZonePeople implements the contract's listZonePeople.
func (s *Server) ListZonePeople(ctx context.Context, r openapi.ListZonePeopleRequestObject) (openapi.ListZonePeopleResponseObject, error) {
	v := s.view(ctx)
	slug, err := zoneCrisis(v, r.Id)
	if err != nil {
		return nil, err
	}
	p := r.Params
	f, err := s.filter(v, filterParams{
		Crisis: &slug, Zone: &r.Id, Verdict: p.Verdict, Freshness: p.Freshness, Wellbeing: p.Wellbeing, Intention: p.Intention,
	})
	if err != nil {
		return nil, err
	}
	list, err := s.people(ctx, v, f, p.Limit, p.Cursor)
	return openapi.ListZonePeople200JSONResponse(list), err
}

// ListZoneAirports implements the contract's listZoneAirports.
func (s *Server) ListZoneAirports(ctx context.Context, r openapi.ListZoneAirportsRequestObject) (openapi.ListZoneAirportsResponseObject, error) {
	v := s.view(ctx)
	within := 50_000.0
	if r.Params.WithinM != nil {
		within = *r.Params.WithinM
	}
	as, err := v.ZoneAirports(r.Id, within)
	if err != nil {
		return nil, err
	}
	list := openapi.AirportList{Items: []openapi.Airport{}, Total: len(as), AsOf: asOf(v)}
	for i := range as {
		list.Items = append(list.Items, airportOf(&as[i]))
	}
	return openapi.ListZoneAirports200JSONResponse(list), nil
}

// CountZone implements the contract's countZone.
func (s *Server) CountZone(ctx context.Context, r openapi.CountZoneRequestObject) (openapi.CountZoneResponseObject, error) {
	v := s.view(ctx)
	slug, err := zoneCrisis(v, r.Id)
	if err != nil {
		return nil, err
	}
	zv, err := v.Zone(r.Id)
	if err != nil {
		return nil, err
	}
	f, err := s.filter(v, filterParams{Crisis: &slug, Zone: &r.Id})
	if err != nil {
		return nil, err
	}
	wellbeing, err := v.Counts(f, tracker.ByWellbeing)
	if err != nil {
		return nil, err
	}
	ages, err := v.Counts(f, tracker.ByFreshness)
	if err != nil {
		return nil, err
	}
	out := openapi.ZoneCounts{
		Inside: countOf(zv.Inside), Possible: countOf(zv.Possible), NeedsHelp: countOf(zv.NeedsHelp),
		Wellbeing: groupsOf(wellbeing.Groups), AsOf: asOf(v),
	}
	for _, g := range ages.Groups {
		if g.Key == "fresh" {
			out.Fresh = countOf(g.Count)
		} else {
			out.Stale = countOf(g.Count)
		}
	}
	return openapi.CountZone200JSONResponse(out), nil
}

// zoneCrisis is the slug of the crisis that a zone belongs to.
func zoneCrisis(v tracker.View, id tracker.ID) (string, error) {
	zv, err := v.Zone(id)
	if err != nil {
		return "", err
	}
	for _, c := range v.Snapshot().Crises() {
		if c.ID == zv.Latest.Crisis {
			return c.Slug, nil
		}
	}
	return "", tracker.ErrNotFound
}

// stored waits for the picture and shows the version that was just written.
func (s *Server) stored(ctx context.Context, z tracker.Zone, seq int64) (openapi.Zone, string) {
	s.settle(ctx, seq)
	zv, err := s.view(ctx).Zone(z.ID)
	if err != nil || zv.Latest.Version != z.Version {
		zv = tracker.ZoneView{Latest: z, Confirmation: tracker.NotNeeded} // the picture is late, or ahead
	}
	return s.zoneOf(ctx, &zv, true), etagOf(z.Version)
}

// zoneFrom reads a ZoneInput. Errors name the member; for a shape also the rule
// and the place.
func zoneFrom(in *openapi.ZoneInput) (tracker.Zone, error) {
	z := tracker.Zone{
		Level: in.Level, FloorM: orZero(in.FloorM), CeilingM: orZero(in.CeilingM),
		ValidFrom: in.ValidFrom.UTC().Truncate(time.Microsecond), ValidTo: orZero(in.ValidTo).UTC().Truncate(time.Microsecond),
		Names: coreNames(in.Names), Advice: coreNames(orZero(in.Advice)), Source: in.Source, Reason: in.Reason,
		Country: orZero(in.Country),
	}
	z.Reason = strings.TrimSpace(z.Reason)
	for _, x := range []struct{ field, text string }{{"names.kk", z.Names.KK}, {"names.ru", z.Names.RU}, {"names.en", z.Names.EN}} {
		if err := intake.Line(x.field, x.text); err != nil {
			return z, err
		}
	}
	var err error
	if z.Action, err = tracker.ParseAction(string(in.Action)); err != nil {
		return z, err
	}
	if z.Kind, err = tracker.ParseZoneKind(string(in.Kind)); err != nil {
		return z, err
	}
	if in.Geometry == nil {
		return z, nil
	}
	z.Shape, err = geo.DecodeGeometry(*in.Geometry, geo.APILimits)
	if err != nil {
		return z, underGeometry(err)
	}
	return z, nil
}

// underGeometry puts the member's name before the path in a shape's error.
func underGeometry(err error) error {
	sh, ok := err.(*geo.ShapeError)
	if !ok {
		return err
	}
	in := *sh
	in.Path = strings.TrimSuffix("geometry."+sh.Path, ".")
	return &in
}

// zoneOf writes a zone, with its numbers for the caller's scope.
func (s *Server) zoneOf(ctx context.Context, zv *tracker.ZoneView, geometry bool) openapi.Zone {
	z := &zv.Latest
	inside, possible, help := countOf(zv.Inside), countOf(zv.Possible), countOf(zv.NeedsHelp)
	out := openapi.Zone{
		Id: z.ID, Version: z.Version, State: openapi.ZoneState(z.State.String()), Level: z.Level,
		Action: openapi.Action(z.Action.String()), Kind: openapi.ZoneKind(z.Kind.String()),
		ValidFrom: z.ValidFrom.UTC(), ValidTo: moment(z.ValidTo),
		Names: namesOf(z.Names), Advice: labelOf(z.Advice), Source: z.Source, Reason: z.Reason,
		Country: some(z.Country), RecordedAt: z.RecordedAt.UTC(), Author: s.author(ctx, z.Author),
		InForce: zv.InForce, Confirmation: some(openapi.ZoneConfirmation(zv.Confirmation)),
		Inside: &inside, Possible: &possible, NeedsHelp: &help,
	}
	if z.Kind == tracker.Airspace {
		out.FloorM, out.CeilingM = &z.FloorM, &z.CeilingM
	}
	if z.State == tracker.Proposed {
		out.Proposal = some(openapi.Publish)
		if z.Withdrawing {
			out.Proposal = some(openapi.Withdraw)
		}
	}
	if zv.InForce && zv.Active != nil {
		out.InForceVersion, out.InForceLevel = some(zv.Active.Version), some(zv.Active.Level)
	}
	if shape := s.tracker.Snapshot().ShapeOf(z); geometry && len(shape) > 0 {
		raw := json.RawMessage(geo.EncodeGeometry(shape))
		out.Geometry = &raw
	}
	return out
}
