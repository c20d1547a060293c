<?php
// What WordPress makes of bodies without blocks: `php wordpress.php FOLDER`, JSON of texts on stdin and on stdout.
define( 'ABSPATH', rtrim( $argv[1], '/' ) . '/' );
define( 'WPINC', 'wp-includes' );
define( 'WP_INSTALLING', true );
foreach ( array( 'load', 'plugin', 'compat', 'functions', 'formatting', 'kses', 'shortcodes' ) as $part ) {
	require_once ABSPATH . WPINC . "/$part.php";
}
add_filter( 'pre_option_blog_charset', fn() => 'UTF-8' ); // what else is read from its database
add_shortcode( 'gallery', fn() => 'RUN' );
add_shortcode( 'caption', fn() => 'RUN' );

function shown( $text ) {
	return array( 'autop' => wpautop( $text ), 'run' => do_shortcode( shortcode_unautop( wpautop( $text ) ) ) );
}

echo json_encode( array_map( 'shown', json_decode( stream_get_contents( STDIN ), true ) ), JSON_UNESCAPED_UNICODE );
