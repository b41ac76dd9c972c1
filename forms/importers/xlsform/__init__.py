"""Forms of ODK, Kobo and their kin (XLSForm) as forms of ours; what cannot be carried is named."""
