import type { components, paths } from './schema'

type Schemas = components['schemas']

export type Airport = Schemas['Airport']
export type AirportStatus = Schemas['AirportStatus']
export type AsOf = Schemas['AsOf']
export type Callback = Schemas['Callback']
export type CallbackList = Schemas['CallbackList']
export type CallbackState = Schemas['CallbackState']
export type Candidate = Schemas['Candidate']
export type Cell = Schemas['Cell']
export type CellList = Schemas['CellList']
export type Contact = Schemas['Contact']
export type Count = Schemas['Count']
export type CountGroup = Schemas['CountGroup']
export type CountList = Schemas['CountList']
export type Crisis = Schemas['Crisis']
export type Device = Schemas['Device']
export type Event = Schemas['Event']
export type Exposure = Schemas['Exposure']
export type Freshness = Schemas['Freshness']
export type Hotline = Schemas['Hotline']
export type HotlineInput = Schemas['HotlineInput']
export type Impact = Schemas['Impact']
export type Intention = Schemas['Intention']
export type Link = Schemas['Link']
export type LinkInput = Schemas['LinkInput']
export type Me = Schemas['Me']
export type Message = Schemas['Message']
export type Mission = Schemas['Mission']
export type Names = Schemas['Names']
export type Need = Schemas['Need']
export type NewLink = Schemas['NewLink']
export type PersonCard = Schemas['PersonCard']
export type PersonDetails = Schemas['PersonInput']
export type PersonList = Schemas['PersonList']
export type PersonPatch = Schemas['PersonPatch']
export type PersonRow = Schemas['PersonRow']
export type PersonalLink = Schemas['PersonalLink']
export type Position = Schemas['Position']
export type Problem = Schemas['Problem']
export type Receipt = Schemas['Receipt']
export type Report = Schemas['Report']
export type Shift = Schemas['Shift']
export type ShiftInput = Schemas['ShiftInput']
export type ReportInput = Schemas['ReportInput']
export type ShownWellbeing = Schemas['ShownWellbeing']
export type Stay = Schemas['Stay']
export type Tell = Schemas['Tell']
export type Verdict = Schemas['Verdict']
export type Wellbeing = Schemas['Wellbeing']
export type Zone = Schemas['Zone']
export type ZoneCounts = Schemas['ZoneCounts']
export type ZoneInput = Schemas['ZoneInput']

/** Query parameters of GET /people without paging: what a list, the cells, the counts and an export have in common. */
export type FilterQuery = Omit<NonNullable<paths['/api/v1/people']['get']['parameters']['query']>, 'limit' | 'cursor' | 'crisis'>

/** lon, lat in degrees. */
export type LonLat = readonly [number, number]

/** RFC 7946 shape of a zone: rings of lon, lat, closed, the first ring outer and the rest holes. */
export interface PolygonShape {
  readonly type: 'Polygon'
  readonly coordinates: readonly (readonly LonLat[])[]
}
export interface MultiPolygonShape {
  readonly type: 'MultiPolygon'
  readonly coordinates: readonly (readonly (readonly LonLat[])[])[]
}
export type Shape = PolygonShape | MultiPolygonShape
