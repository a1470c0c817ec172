"""Papers of a station (单据) as PDF; equal input gives equal bytes."""
