"""`/fhir`: calendars and appointments as FHIR R5 resources, to be read by staff's other systems. Nothing is written."""
