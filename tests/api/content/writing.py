"""Writing pages over GraphQL: the documents, and an article that meets its policy."""

from typing import Any, Final

CREATE: Final = """
mutation Create($input: PageCreateInput!) {
  pageCreate(input: $input) {
    page { id slug title isPublished publishedAt unpublishedAt seoTitle contentHtml contentBlocks }
    errors { field code message duty path }
    pageErrors { code }
  }
}
"""
UPDATE: Final = """
mutation Update($id: ID!, $input: PageInput!) {
  pageUpdate(id: $id, input: $input) {
    page { id slug title isPublished publishedAt unpublishedAt seoTitle seoDescription contentHtml }
    errors { field code message duty path }
  }
}
"""
PUBLISH: Final = """
mutation Publish($ids: [ID!]!, $isPublished: Boolean!, $reason: String) {
  pageBulkPublish(ids: $ids, isPublished: $isPublished, overrideReason: $reason) {
    count errors { field code message duty path }
  }
}
"""
HISTORY: Final = """
query History($id: ID!) {
  page(id: $id) {
    title slug isPublished reviewStatus
    dutyFindings { duty field path }
    revisions {
      id number title slug isPublished userEmail overrideReason passedFindings { duty field path } contentHtml
    }
  }
}
"""
ARTICLE: Final[dict[str, Any]] = {
    "blocks": [
        {"type": "disclaimer", "data": {"title": "Please note:", "text": "This is no medical advice."}},
        {"type": "header", "data": {"text": "What is known", "level": 2}},
        {"type": "paragraph", "data": {"text": "There is no known cure for every kind of hair loss."}},
        {"type": "references", "data": {"items": [{"text": "A work", "doi": "10.1000/182"}]}},
    ]
}
DUTIES: Final[dict[str, Any]] = {
    "authorName": "Example clinic, editorial team",
    "authorIsOrganization": True,
    "reviewerName": "Example practitioner A",
    "reviewerCredentials": "Board-certified dermatologist",
    "lastReviewed": "2026-01-10",
    "reviewDue": "2100-01-10",
    "regulatoryStatus": "Investigational; not approved in the United States or the European Union.",
    "conflictOfInterest": "This site sells consultations.",
}


def paragraph(text: str) -> dict[str, Any]:
    """A document of one paragraph."""
    return {"blocks": [{"type": "paragraph", "data": {"text": text}}]}
