"""Parts of this package for programs that stay with other libraries; each needs its library."""
