"""Where manufacturers say what their products are: APIs, web sites and folders of catalogues."""
