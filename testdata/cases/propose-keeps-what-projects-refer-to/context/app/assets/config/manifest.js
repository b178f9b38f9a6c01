//= link_tree ../../../docs/rails
