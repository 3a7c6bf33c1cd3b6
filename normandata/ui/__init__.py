"""What every page shares: formats, template tags, forms, server-drawn SVG."""
