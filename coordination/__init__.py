"""Write side: decides and records. Pure except ``log``; knows no web and no views."""
