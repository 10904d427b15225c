"""What people ask or report and somebody else decides: complaints, exemptions, claims."""
