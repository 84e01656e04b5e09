-- Tables for SQL: that what is written is what happened, in every format, and that it is whole or not there.

local helper = require "tests.spec.helper"
