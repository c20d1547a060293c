<?php
// What WordPress makes of bodies: `php wordpress.php FOLDER`, JSON of {blocks: [text], html: [text]} on stdin, an answer
// for each on stdout.
define( 'ABSPATH', rtrim( $argv[1], '/' ) . '/' );
define( 'WPINC', 'wp-includes' );
define( 'WP_INSTALLING', true );
foreach ( array( 'load', 'plugin', 'compat', 'functions', 'formatting', 'kses', 'shortcodes', 'class-wp-block-parser', 'blocks' ) as $part ) {
	require_once ABSPATH . WPINC . "/$part.php";
}
add_filter( 'pre_option_blog_charset', fn() => 'UTF-8' ); // what else is read from its database
add_shortcode( 'gallery', fn() => 'RUN' );
add_shortcode( 'caption', fn() => 'RUN' );

function shown( $text ) {
	return array( 'autop' => wpautop( $text ), 'run' => do_shortcode( shortcode_unautop( wpautop( $text ) ) ) );
}

function again( $text ) {
	$blocks = parse_blocks( $text );
	return array( 'again' => serialize_blocks( $blocks ), 'run' => do_shortcode( $text ) );
}

$given  = json_decode( stream_get_contents( STDIN ), true );
$answer = array(
	'blocks' => array_map( 'again', $given['blocks'] ),
	'html'   => array_map( 'shown', $given['html'] ),
);
echo json_encode( $answer, JSON_UNESCAPED_UNICODE );
