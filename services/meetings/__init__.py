"""Report-and-review meetings (述职评议会): agenda, big screen, summary for leaders, comments, winding up."""
