"""The endpoint: HTTP around the cloud.

``worker`` runs the web server, whose interface ``application`` turns into requests as values; ``gateway`` answers them,
``control`` those to our own pages. ``settings`` is what a server is told, ``state`` what it opens, ``sign_in`` the file
by which `sparekey env` and `sparekey log` find it.
"""
